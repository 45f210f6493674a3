"""Columns find the families a CX lead would put them in, in English and Chinese."""

from __future__ import annotations

import pytest

from harken.unify.features.families import (
    family_label,
    header_words,
    is_lever,
    is_lever_column,
    merge_small,
    propose,
)
from harken.unify.features.family_table import FAMILIES, FAMILY_LIMIT, OTHER_FAMILY

HEADERS = {
    "waiting": "Queue Time|Avg Wait (min)|DepartureDelayInMinutes|平均等待时长|排隊時間|ArrivalDelay"
    "|First Response Time",
    "repeat_contact": "RepeatCalls|Reopened Tickets|重复来电次数|二次来电",
    "transfers": "NumTransfers|calls_transferred|转接次数|Preferred Channel",
    "retention": "RetentionCalls|MadeCallToRetentionTeam|RetentionOffersAccepted|挽留次数",
    "status": "Customer Status|Churn Score|Churn Reason|是否离网|Cancellation Date",
    "service_quality": "DroppedCalls|BlockedCalls|DroppedBlockedCalls|宽带故障次数|Outage minutes|网络信号",
    "delivery": "WarehouseToHome|Delivery Days|配送时长|物流评分|Shipping cost type",
    "contacts": "CustomerCareCalls|number_customer_service_calls|Complain|投诉次数|客服工单数|Support tickets",
    "equipment": "Handsets|HandsetPrice|HandsetWebCapable|CurrentEquipmentDays|终端品牌|手机机型",
    "services": "Phone Service|OnlineSecurity|Premium Tech Support|StreamingTV|Device Protection Plan|MultipleLines"
    "|voice_mail_plan|增值业务",
    "billing": "Paperless Billing|PaymentMethod|Total Refunds|账单金额|欠费次数|繳費方式|Invoice disputes",
    "credit": "CreditRating|CreditScore|HasCrCard|HasCreditCard|AdjustmentsToCreditRating|信用等级",
    "tenure": "Tenure in Months|MonthsInService|account_length|网龄|在网时长(月)|入網時間|Customer since",
    "past_scores": "Satisfaction Score|Last NPS|CSAT|满意度评分|淨推薦值",
    "marketing": "Offer|CouponUsed|RespondsToMailOffers|OptOutMailings|优惠券使用数|CashbackAmount",
    "loyalty": "Number of Referrals|ReferralsMadeBySubscriber|会员等级|积分余数|Loyalty points",
    "plan": "Contract|Unlimited Data|UniqueSubs|Card Type|套餐名称|合同到期月数|國際方案|international_plan",
    "price": "TotalRecurringCharge|MonthlyRevenue|OverageMinutes|Avg Monthly Long Distance Charges|月租费|套外费用"
    "|Total Extra Data Charges|近三月平均话费",
    "orders": "OrderCount|OrderAmountHikeFromlastYear|DaySinceLastOrder|购买次数|客单均值|消费金额|Last purchase",
    "usage": "MonthlyMinutes|CallWaitingCalls|UnansweredCalls|Avg Monthly GB Download|流量用量|近30天通话分钟"
    "|RoamingCalls|IsActiveMember",
    "web": "Inflight wifi service|Ease of Online booking|HourSpendOnApp|PreferredLoginDevice|登录次数|页面浏览数",
    "staff": "On-board service|Checkin service|Baggage handling|服务态度|Staff friendliness",
    "comfort": "Seat comfort|Leg room service|Inflight entertainment|环境舒适度",
    "food": "Food and drink|餐饮质素|Breakfast",
    "cleanliness": "Cleanliness|卫生状况",
    "convenience": "Gate location|Parking|停车便利",
    "holdings": "Balance|NumOfProducts|账户余额",
    "region": "ServiceArea|Zip Code|CityTier|Geography|area_code|Latitude|城市|所属省份",
    "profile": "AgeHH1|MaritalStatus|ChildrenInHH|Senior Citizen|Under 30|TruckOwner|NonUSTravel|性别|年龄|客户类型"
    "|NotNewCellphoneUser|Number of Dependents",
}


@pytest.mark.parametrize(
    ("family", "header"), [(family, header) for family, row in HEADERS.items() for header in row.split("|")]
)
def test_headers_find_their_family(family: str, header: str) -> None:
    assert propose(header) == family


@pytest.mark.parametrize("header", ["Favourite colour", "X17", "", "备注", "Q3_2"])
def test_unknown_headers_have_no_family(header: str) -> None:
    assert propose(header) is None


def test_table_is_whole() -> None:
    ids = [family.id for family in FAMILIES]
    assert len(ids) == len(set(ids))
    assert {family.parent for family in FAMILIES} - {""} <= set(ids)
    assert OTHER_FAMILY in ids
    for family in FAMILIES:  # parents end somewhere
        seen = []
        while family.parent:
            assert family.id not in seen
            seen.append(family.id)
            family = next(other for other in FAMILIES if other.id == family.parent)
    assert set(HEADERS) | {"experience"} == set(ids), "a family without an example"


def test_levers_are_what_an_owner_can_change() -> None:
    levers = ("waiting", "repeat_contact", "transfers", "price", "delivery", "billing", "service_quality", "plan")
    assert all(is_lever(family) for family in levers)
    assert not any(is_lever(family) for family in ("tenure", "profile", "region", "status", "usage", "Artwork"))


def test_header_words() -> None:
    assert header_words("totalIVRCalls2") == ("total", "ivr", "call", "2")
    assert header_words("policies_status BOXES") == ("policy", "status", "box")


def test_too_many_families_merge_from_the_smallest() -> None:
    ids = [family.id for family in FAMILIES]
    becomes = merge_small([*ids, *ids[:3]])
    assert len(set(becomes.values())) == FAMILY_LIMIT
    assert set(becomes) == set(ids)
    own = merge_small([f"touchpoint {number}" for number in range(20)] + ["waiting"] * 2, declared=["touchpoint 7"])
    assert len(set(own.values())) == FAMILY_LIMIT
    assert own["touchpoint 7"] == "touchpoint 7"
    assert own["touchpoint 0"] == OTHER_FAMILY
    known = merge_small([*(name for name in ids * 3 if name != "region"), "region"], declared=["region"])
    assert known["region"] == OTHER_FAMILY
    declared = [f"ours {number}" for number in range(20)]
    assert merge_small(declared, declared=declared) == {name: name for name in sorted(declared)}


def test_labels() -> None:
    assert str(family_label("waiting")) == "Waiting"
    assert str(family_label("Gate 7")) == "Gate 7"


def test_what_a_customer_pays_and_how_many_bills_there_are_is_no_lever() -> None:
    plain = (
        "MonthlyCharges|TotalRecurringCharge|Monthly Revenue|ARPU|月租费(元)|账单数量|number of payments|bill_count"
    )
    for header in plain.split("|"):
        family = propose(header)
        assert family in ("price", "billing"), header
        assert not is_lever_column(header, family), header
    extra = "OverageMinutes|late fee|price_increase_percent|套外费用|extra charge|Price|days overdue"
    for header in extra.split("|"):
        family = propose(header)
        assert family in ("price", "billing"), header
        assert is_lever_column(header, family), header
    assert is_lever_column("number of complaints", "contacts")
    assert not is_lever_column("number of logins", "web")
    assert not is_lever_column("wait", "tenure"), "what is no lever at all stays none"
