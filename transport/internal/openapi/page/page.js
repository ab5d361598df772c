"use strict";
(() => {
  const main = document.querySelector("main");
  const find = document.getElementById("find");
  const buttons = [...document.querySelectorAll("[data-client]")].filter((e) => e !== main);
  const details = [...document.querySelectorAll("main details")];
  const none = document.querySelector(".none");

  const has = (client) => document.querySelector(".operation." + client) !== null;
  // A contract may know no kinds of clients: then all of it is shown.
  const kinds = has("browser") || has("app");

  function show(client) {
    main.dataset.client = client;
    for (const b of buttons) b.setAttribute("aria-pressed", String(b.dataset.client === client));
    filter();
  }

  function filter() {
    const words = find.value.toLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const d of details) {
      const text = (d.id + " " + d.querySelector("summary").textContent).toLowerCase();
      d.hidden = !words.every((w) => text.includes(w));
    }
    for (const g of document.querySelectorAll(".group")) {
      const left = [...g.querySelectorAll("details")].filter(
        (d) => !d.hidden && (d.classList.contains("shape") || !kinds || d.classList.contains(main.dataset.client)));
      g.hidden = left.length === 0;
      found += left.length;
    }
    document.querySelector(".intro").hidden = words.length > 0;
    none.hidden = found > 0;
  }

  // A link to an operation or a shape opens it, for the client it belongs to.
  function follow() {
    const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
    if (!target || target.tagName !== "DETAILS") return;
    find.value = "";
    show(target.classList.contains("app") ? "app" : target.classList.contains("browser") ? "browser" : main.dataset.client);
    target.open = true;
    target.scrollIntoView();
  }

  document.querySelector(".switch").hidden = !kinds;
  for (const b of buttons) {
    b.hidden = !has(b.dataset.client);
    b.addEventListener("click", () => show(b.dataset.client));
  }
  find.addEventListener("input", filter);
  addEventListener("hashchange", follow);
  addEventListener("keydown", (e) => {
    if (e.key === "/" && document.activeElement !== find) { e.preventDefault(); find.focus(); }
  });
  show(has("browser") ? "browser" : "app");
  follow();
})();
