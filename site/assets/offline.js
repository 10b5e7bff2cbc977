// Stores the site for use without a network, if the browser can do this.
"use strict";
if ("serviceWorker" in navigator && location.protocol !== "file:") {
  const { root } = document.currentScript.dataset;
  navigator.serviceWorker.register(`${root}sw.js`).catch(() => {
    // Without this, the site still works with a network.
  });
}
