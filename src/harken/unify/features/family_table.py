"""The driver families a company's features are ranked in, and the words by which a column finds its family."""

from __future__ import annotations

from dataclasses import dataclass

from harken.vocabulary.messages import gettext_noop


@dataclass(frozen=True, slots=True)
class Family:
    """One driver family: its id, its label (a message id), whether an owner in the company can change it.

    `words` are phrases of column headers, English by whole words (singular), Chinese by characters. `parent` takes
    the family in where a company has too many families.
    """

    id: str
    label: str
    lever: bool
    parent: str
    words: tuple[str, ...]


def _words(*lines: str) -> tuple[str, ...]:
    return tuple(phrase.strip() for line in lines for phrase in line.split(",") if phrase.strip())


FAMILIES: tuple[Family, ...] = (
    Family(
        "delivery",
        gettext_noop("Delivery"),
        True,
        "orders",
        _words(
            "delivery, delivered, shipping, shipment, shipped, freight, courier, warehouse, parcel, dispatch",
            "carrier, logistic, return",
            "配送, 送货, 送貨, 物流, 快递, 快遞, 发货, 發貨, 到货, 到貨, 运费, 運費, 外卖, 外賣, 骑手, 騎手",
            "退货, 退貨",
        ),
    ),
    Family(
        "waiting",
        gettext_noop("Waiting"),
        True,
        "",
        _words(
            "wait, waiting, queue, queueing, hold time, on hold, response time, time to answer, answer time",
            "delay, delayed, late, punctual, punctuality, on time, departure arrival time, time convenient",
            "abandoned, resolution time, time to resolve, first reply, speed of answer, turnaround",
            "等待, 等候, 排队, 排隊, 延误, 延誤, 晚点, 晚點, 响应时间, 回應時間, 时效, 時效, 放弃, 放棄",
        ),
    ),
    Family(
        "repeat_contact",
        gettext_noop("Repeat contact"),
        True,
        "contacts",
        _words(
            "repeat contact, repeat call, repeated contact, recontact, callback, call back, reopened, reopen",
            "follow up",
            "重复来电, 重複來電, 重复投诉, 重複投訴, 重复进线, 重複進線, 二次来电, 二次來電, 重复, 重複",
        ),
    ),
    Family(
        "transfers",
        gettext_noop("Transfers and channel switching"),
        True,
        "contacts",
        _words(
            "transfer, transferred, escalation, escalated, handoff, channel switch, channel, number of agent",
            "转接, 轉接, 转派, 轉派, 转人工, 轉人工, 升级投诉, 升級投訴, 渠道",
        ),
    ),
    Family(
        "retention",
        gettext_noop("Attempts to keep the customer"),
        False,
        "contacts",
        _words(
            "retention, retain, save offer, save call, win back, winback",
            "挽留, 维系, 維繫, 赢回, 贏回",
        ),
    ),
    Family(
        "billing",
        gettext_noop("Billing and payment"),
        True,
        "price",
        _words(
            "bill, billing, payment, pay, invoice, paperless, refund, arrears, overdue, debt, past due",
            "direct debit, autopay, auto pay, late fee, outstanding",
            "账单, 帳單, 账务, 帳務, 缴费, 繳費, 支付, 付款, 欠费, 欠費, 发票, 發票, 退款, 代扣, 逾期, 充值",
            "扣费, 扣費",
        ),
    ),
    Family(
        "status",
        gettext_noop("State of the account"),
        False,
        "plan",
        _words(
            "churn, churned, status, cancel, cancelled, canceled, cancellation, attrition, exited, terminated",
            "termination, closed, deactivated, suspended",
            "流失, 离网, 離網, 销户, 銷戶, 退网, 退網, 状态, 狀態, 停机, 停機, 注销, 註銷",
        ),
    ),
    Family(
        "service_quality",
        gettext_noop("Quality of the service"),
        True,
        "usage",
        _words(
            "dropped, drop call, blocked, outage, failure, failed, fault, signal, network, speed, latency",
            "quality, downtime, error, crash, defect, defective, disconnection, disconnect, coverage",
            "reliability, incident",
            "掉线, 掉線, 断网, 斷網, 断线, 斷線, 掉话, 掉話, 网速, 網速, 故障, 信号, 訊號, 网络, 網絡, 网路",
            "網路, 质量, 品質, 质差, 質差, 卡顿, 卡頓, 覆盖, 覆蓋, 宽带, 寬帶, 寬頻",
        ),
    ),
    Family(
        "contacts",
        gettext_noop("Contacts by topic"),
        True,
        "",
        _words(
            "contact, ticket, complaint, complain, complained, support, care call, customer care",
            "customer service, customer service call, service call, helpdesk, help desk, inquiry, enquiry",
            "case, chat, claim, request, dispute, call centre, call center, hotline",
            "投诉, 投訴, 咨询, 諮詢, 来电, 來電, 工单, 工單, 客服, 进线, 進線, 报障, 報障, 报修, 報修, 联系",
            "聯繫, 联络, 聯絡, 热线, 熱線, 求助, 理赔, 理賠",
        ),
    ),
    Family(
        "equipment",
        gettext_noop("Equipment"),
        True,
        "services",
        _words(
            "handset, equipment, device, modem, router, terminal, hardware, cellphone, smartphone",
            "phone model, sim",
            "终端, 終端, 手机, 手機, 机型, 機型, 设备, 設備, 机顶盒, 機頂盒, 路由",
        ),
    ),
    Family(
        "services",
        gettext_noop("Services taken up"),
        True,
        "plan",
        _words(
            "phone service, multiple line, internet service, internet type, online security, online backup",
            "backup, device protection, device protection plan, tech support, streaming, tv, movie, music",
            "add on, addon, option, feature, protection, antivirus, cloud, voicemail, voice mail",
            "voice mail plan, vmail, fiber, dsl, number of product, number of service",
            "增值, 加装, 加裝, 附加, 副卡, 电视, 電視, 云, 雲, 叠加包, 疊加包, 服务数, 服務數, 产品数, 產品數",
        ),
    ),
    Family(
        "credit",
        gettext_noop("Credit"),
        False,
        "profile",
        _words(
            "credit, credit card, cr card, credit rating, credit score, credit limit, fico, default",
            "信用, 信用分, 额度, 額度, 授信, 违约, 違約",
        ),
    ),
    Family(
        "tenure",
        gettext_noop("Time with the company"),
        False,
        "profile",
        _words(
            "tenure, month in service, day in service, month on book, account length, account age, vintage",
            "customer since, membership duration, joined, join date, registration date, activation date",
            "signup, enrollment, enrolment, customer age, relationship length, first seen",
            "网龄, 網齡, 在网, 在網, 入网, 入網, 在网时长, 入会, 入會, 司龄, 注册, 註冊, 开户, 開戶, 客户年限",
            "客戶年限, 合作年限",
        ),
    ),
    Family(
        "past_scores",
        gettext_noop("Earlier scores"),
        False,
        "",
        _words(
            "satisfaction, satisfied, nps, csat, ces, score, rating, recommend, recommendation, likelihood",
            "stars",
            "满意, 滿意, 评分, 評分, 推荐, 推薦, 打分, 评价, 評價, 星级, 星級, 净推荐值, 淨推薦值",
        ),
    ),
    Family(
        "marketing",
        gettext_noop("Offers and marketing"),
        True,
        "plan",
        _words(
            "offer, promotion, promo, campaign, coupon, discount, mail order, mail offer, mail, mailing",
            "opt out, cashback, voucher, newsletter, email open, deal, advertising",
            "优惠, 優惠, 促销, 促銷, 活动, 活動, 优惠券, 優惠券, 折扣, 补贴, 補貼, 红包, 紅包, 营销, 行銷",
        ),
    ),
    Family(
        "loyalty",
        gettext_noop("Loyalty and referrals"),
        True,
        "marketing",
        _words(
            "referral, referred, refer, loyalty, point, point earned, reward, member, membership, vip",
            "积分, 積分, 会员, 會員, 会员等级, 會員等級, 客户等级, 客戶等級, 等级, 等級, 推荐人, 推薦人, 介绍",
            "介紹, 忠诚, 忠誠",
        ),
    ),
    Family(
        "plan",
        gettext_noop("Contract and plan"),
        True,
        "",
        _words(
            "contract, plan, package, tariff, subscription, subscriber, sub, unlimited, renewal, renew, class",
            "tier, product, policy, bundle, commitment, term, card type, account type, notice period",
            "auto renew, licence, license",
            "合同, 合约, 合約, 协议, 協議, 套餐, 套餐类型, 产品, 產品, 档位, 檔位, 资费方案, 方案, 续约, 續約",
            "到期, 续费, 續費, 订阅, 訂閱, 保单, 保單, 靓号, 靚號",
        ),
    ),
    Family(
        "price",
        gettext_noop("Price and charges"),
        True,
        "",
        _words(
            "charge, price, fee, cost, revenue, overage, arpu, fare, premium, mrr, arr, monthly amount",
            "surcharge, tax",
            "月租, 月租费, 月租費, 资费, 資費, 费用, 費用, 价格, 價格, 月费, 月費, 话费, 話費, 收费, 收費",
            "套外, 单价, 單價, 保费, 保費, 会费, 會費, 收入贡献",
        ),
    ),
    Family(
        "orders",
        gettext_noop("Orders and spending"),
        False,
        "",
        _words(
            "order, purchase, purchased, spend, spending, spent, basket, cart, sale, item, booking",
            "transaction, amount, quantity, monetary, frequency, recency, buy, bought",
            "订单, 訂單, 购买, 購買, 下单, 下單, 客单, 客單, 消费, 消費, 金额, 金額, 交易, 复购, 復購, 预订",
            "預訂",
        ),
    ),
    Family(
        "usage",
        gettext_noop("Usage"),
        False,
        "",
        _words(
            "usage, use, used, minute, call, call waiting, call forwarding, data, gb, mb, download, upload",
            "sms, message, roaming, distance, active, active member, activity, volume, traffic, consumption",
            "kwh, mile, trip, ride, play, flight distance, unanswered call, hour, login count, seat used, mou",
            "流量, 通话, 通話, 时长, 時長, 分钟, 分鐘, 用量, 使用, 短信, 簡訊, 漫游, 漫遊, 活跃, 活躍, 主叫",
            "被叫",
        ),
    ),
    Family(
        "web",
        gettext_noop("Web and app"),
        True,
        "usage",
        _words(
            "web, website, online, app, login, log in, click, page, visit, session, browse, browser, wifi",
            "wi fi, digital, search, online booking, online boarding, hour spend on app, login device",
            "device registered, mobile app, view, checkout, check out",
            "浏览, 瀏覽, 点击, 點擊, 登录, 登錄, 登入, 访问, 訪問, 网页, 網頁, 网站, 網站, 小程序, 线上, 線上",
            "搜索, 搜尋",
        ),
    ),
    Family(
        "staff",
        gettext_noop("Staff and service"),
        True,
        "experience",
        _words(
            "staff, agent, employee, crew, service, on board service, inflight service, checkin service",
            "check in, checkin, courtesy, courteous, friendliness, friendly, helpful, helpfulness, competence",
            "baggage handling, handling, baggage, luggage, doctor, nurse, teacher, advisor, reception",
            "服务, 服務, 态度, 態度, 员工, 員工, 店员, 店員, 坐席, 座席, 人员, 人員, 导购, 導購, 行李, 值机",
            "值機",
        ),
    ),
    Family(
        "comfort",
        gettext_noop("Comfort and facilities"),
        True,
        "experience",
        _words(
            "comfort, comfortable, seat, seat comfort, leg room, legroom, entertainment, room, facility",
            "noise, temperature, lounge, amenity, bed, environment, ambience, atmosphere, space",
            "舒适, 舒適, 座椅, 设施, 設施, 环境, 環境, 噪音, 房间, 房間, 空间, 空間, 娱乐, 娛樂",
        ),
    ),
    Family(
        "food",
        gettext_noop("Food and drink"),
        True,
        "experience",
        _words(
            "food, drink, meal, restaurant, beverage, breakfast, catering, menu, taste",
            "餐饮, 餐飲, 食物, 食品, 菜品, 口味, 味道, 早餐, 餐食, 饮料, 飲料",
        ),
    ),
    Family(
        "cleanliness",
        gettext_noop("Cleanliness"),
        True,
        "experience",
        _words(
            "clean, cleanliness, hygiene, tidy, tidiness, cleaning",
            "卫生, 衛生, 清洁, 清潔, 整洁, 整潔, 干净, 乾淨",
        ),
    ),
    Family(
        "convenience",
        gettext_noop("Ease and convenience"),
        True,
        "experience",
        _words(
            "convenient, convenience, ease, easy, effort, access, accessibility, parking, opening hour, sign",
            "signage, gate, gate location, location convenience",
            "便利, 方便, 便捷, 停车, 停車, 标识, 標識, 指示, 营业时间, 營業時間, 费力, 費力",
        ),
    ),
    Family(
        "experience",
        gettext_noop("Experience on site"),
        True,
        "",
        _words(
            "experience, touchpoint",
            "体验, 體驗, 触点, 觸點",
        ),
    ),
    Family(
        "holdings",
        gettext_noop("Balances and products held"),
        False,
        "usage",
        _words(
            "balance, deposit, asset, saving, loan, portfolio, holding, num of product, investment, mortgage",
            "余额, 餘額, 存款, 资产, 資產, 贷款, 貸款, 理财, 理財, 持有",
        ),
    ),
    Family(
        "region",
        gettext_noop("Place"),
        False,
        "profile",
        _words(
            "zip, zip code, postal, postcode, city, state, country, county, region, area, service area",
            "area code, location, latitude, longitude, lat, lat long, lon, lng, geography, population",
            "province, district, address, store, branch, city tier, territory, market, urban",
            "省份, 省, 城市, 地市, 地区, 地區, 区域, 區域, 区县, 區縣, 邮编, 郵編, 郵遞區號, 网点, 網點, 门店",
            "門店, 分公司, 经度, 經度, 纬度, 緯度, 地址",
        ),
    ),
    Family(
        "profile",
        gettext_noop("Who the customer is"),
        False,
        "",
        _words(
            "age, gender, sex, married, marital, marital status, partner, dependent, child, household, hh",
            "income, salary, education, occupation, job, senior, senior citizen, under, owner, own, ownership",
            "homeownership, home owner, home ownership, homeowner, truck, motorcycle, customer type, segment",
            "language, nationality, ethnicity, race, type of travel, travel, non u travel, prizm, new user",
            "cellphone user, new cellphone user, not new cellphone user, own computer, industry, company size",
            "employment, profession, role, family size, birth, birthday, estimated salary, b2b, business",
            "religion, pet",
            "年龄, 年齡, 性别, 性別, 职业, 職業, 学历, 學歷, 婚姻, 收入, 家庭, 子女, 行业, 行業, 民族",
            "客户类型, 客戶類型, 用户类型, 用戶類型, 身份, 语言, 語言, 生日, 客户分群, 客戶分群, 老年",
            "企业规模, 企業規模, 国籍, 國籍",
        ),
    ),
)
"""Families from the specific to the general: of two phrases of equal length the earlier family wins."""

FAMILY_LIMIT = 15
"""More families than this cannot be ranked honestly, nor read: the smallest join their parents."""

OTHER_FAMILY = "profile"
"""Where columns go that no word places."""
