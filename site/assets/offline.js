// Keeps the site for use without a network, where the browser can.
"use strict";
if ("serviceWorker" in navigator && location.protocol !== "file:") {
  const { root } = document.currentScript.dataset;
  navigator.serviceWorker.register(`${root}sw.js`).catch(() => {
    // The site works without it, as long as there is a network.
  });
}
