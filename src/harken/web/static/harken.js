// The little that needs a script: "/" leads to the search, chosen files are listed and weighed, a page that waits for work notices its end.
"use strict";

document.addEventListener("keydown", (event) => {
  const typing = event.target.closest("input, textarea, select, [contenteditable]");
  const search = document.querySelector("[data-search]");
  if (event.key === "/" && search && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
    event.preventDefault();
    search.focus();
    search.select();
  }
});

const drop = document.querySelector("[data-drop]");
if (drop) {
  const files = drop.querySelector("input[type=file]");
  const chosen = drop.querySelector("[data-chosen]");
  const over = (event) => drop.classList.toggle("over", event.type === "dragenter" || event.type === "dragover");
  ["dragenter", "dragover", "dragleave", "drop"].forEach((name) => files.addEventListener(name, over));
  files.addEventListener("change", () => {
    const all = [...files.files];
    const tooLarge = all.reduce((sum, file) => sum + file.size, 0) > Number(drop.dataset.drop);
    files.setCustomValidity(tooLarge ? drop.dataset.tooLarge : "");
    if (tooLarge) files.reportValidity();
    chosen.replaceChildren(...all.map((file) => Object.assign(document.createElement("li"), { textContent: file.name })));
  });
}

const waiting = document.querySelector("[data-progress]");
if (waiting) {
  const step = waiting.querySelector("[data-step]");
  const bar = waiting.querySelector("progress");
  const ask = async () => {
    try {
      const answer = await fetch(waiting.dataset.progress, { headers: { Accept: "application/json" } });
      const state = await answer.json();
      if (!state.busy) {
        window.location.reload();
        return;
      }
      if (state.step) step.textContent = state.step;
      if (state.done > 0) bar.value = state.done;
    } catch {
      // The server may be restarting; the next question will tell.
    }
    window.setTimeout(ask, 1500);
  };
  window.setTimeout(ask, 1500);
}

// What if: moving the slider asks the server for the answer at that target; the address keeps up, to be shared.
const asking = document.querySelector("[data-ask]");
if (asking) {
  for (const part of asking.querySelectorAll("[data-js]")) part.hidden = false;
  asking.querySelector("[data-no-js]").classList.add("away");
  const answer = document.getElementById("answer");
  const field = asking.elements.namedItem("target");
  const slider = asking.querySelector("input[type=range]");
  const said = asking.querySelector("[role=status]");
  let latest = 0;
  let timer = 0;
  const ask = async () => {
    const number = ++latest;
    const address = `?${new URLSearchParams(new FormData(asking))}`;
    try {
      const reply = await fetch(`${address}&part=answer`);
      const html = await reply.text();
      if (number !== latest || !reply.ok) return;
      answer.innerHTML = html;
      const heading = answer.querySelector("h1");
      if (slider) slider.setAttribute("aria-valuetext", heading.dataset.spoken);
      said.textContent = heading.textContent;
      window.history.replaceState(null, "", address);
    } catch {
      // The server may be restarting; the next move asks again.
    }
  };
  const soon = () => {
    if (field.value === "") return;
    window.clearTimeout(timer);
    timer = window.setTimeout(ask, 120);
  };
  if (slider) {
    slider.addEventListener("input", () => {
      field.value = slider.value;
      soon();
    });
  }
  field.addEventListener("input", () => {
    if (slider) slider.value = field.value;
    soon();
  });
  asking.addEventListener("submit", (event) => {
    event.preventDefault();
    ask();
  });
}
