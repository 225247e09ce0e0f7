"use strict";
(() => {
  const page = document.body;
  const kept = storage => ({
    get(name) { try { return JSON.parse(storage().getItem(name)); } catch { return null; } },
    set(name, value) { try { storage().setItem(name, JSON.stringify(value)); } catch { /* not allowed to: then it is forgotten */ } },
  });

  // What was opened or closed stays so when the page is loaded again.
  const tab = kept(() => sessionStorage);
  const place = "folds " + location.pathname;
  const folds = tab.get(place) || {};
  for (const fold of document.querySelectorAll("details[id]")) {
    if (fold.id in folds) fold.open = folds[fold.id];
    fold.addEventListener("toggle", () => { folds[fold.id] = fold.open; tab.set(place, folds); });
  }

  // The page loads itself again, but not under the hands of somebody who types or selects.
  const seconds = Number(page.dataset.refresh);
  const field = document.querySelector("input[type=search]");
  const typed = field && field.value;
  const renew = () => {
    const busy = (field && field.value !== typed) || String(getSelection()) !== "";
    if (busy) setTimeout(renew, 5000); else location.reload();
  };
  if (seconds > 0) setTimeout(renew, seconds * 1000);

  // The reader's own time beside UTC, where asked.
  const always = kept(() => localStorage);
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  const today = page.dataset.now.slice(0, 10);
  const moment = /(?:(\d{4}-\d\d-\d\d)[ T])?(\d\d:\d\d(?::\d\d)?)Z/g;
  const own = (whole, date, time) => {
    const at = new Date(`${date || today}T${time}Z`);
    if (isNaN(at)) return whole;
    const two = number => String(number).padStart(2, "0");
    const day = `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}`;
    const clock = [at.getHours(), at.getMinutes(), at.getSeconds()].slice(0, time.split(":").length).map(two).join(":");
    return `${whole} (${day === (date || today) ? "" : day + " "}${clock})`;
  };
  const texts = [];
  for (const element of document.querySelectorAll("[data-times]")) {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    while (walker.nextNode()) texts.push([walker.currentNode, walker.currentNode.data]);
  }
  const show = wanted => {
    for (const [node, utc] of texts) node.data = wanted ? utc.replace(moment, own) : utc;
    page.classList.toggle("own-time", wanted);
  };
  const toggle = document.querySelector("#own-time");
  let wanted = always.get("own time") === true;
  const label = () => { toggle.textContent = wanted ? "UTC only" : `add ${zone} time`; };
  if (toggle && zone && zone !== "UTC") {
    toggle.hidden = false;
    toggle.addEventListener("click", () => { wanted = !wanted; always.set("own time", wanted); show(wanted); label(); });
    label();
    if (wanted) show(true);
  }
})();
