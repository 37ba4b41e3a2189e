/* What every page needs: the service worker, and answers that were given without a connection. */
import { send } from "./queue.js";

if ("serviceWorker" in navigator && window.isSecureContext) {
  navigator.serviceWorker.register("/sw.js").catch(() => {});
}

const more = document.querySelector("details.more");
if (more) {
  document.addEventListener("click", (event) => {
    if (more.open && !more.contains(event.target)) more.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && more.open) {
      more.open = false;
      more.querySelector("summary").focus();
    }
  });
}

const toast = document.getElementById("toast");

function note(text) {
  toast.textContent = text;
  setTimeout(() => (toast.textContent = ""), 4000);
}

const here = new URL(location.href);
if (here.searchParams.has("noted") || here.searchParams.has("saved")) {
  here.searchParams.delete("noted");
  here.searchParams.delete("saved");
  history.replaceState(null, "", here);
  note(toast.textContent);
}
document.addEventListener("freshlegs:sent", () => note(toast.dataset.sent));
document.addEventListener("freshlegs:refused", () => note(toast.dataset.refused));

window.addEventListener("online", () => send());
send();
