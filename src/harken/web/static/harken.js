// The little that needs a script: "/" leads to the search, and a page that waits for an analysis notices its end.
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
