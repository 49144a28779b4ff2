// The only script of the pages, which also work without it.

// Copy buttons. Without a script they are hidden, and the text can be selected.
for (const button of document.querySelectorAll("button[data-copy-source]")) {
  const source = document.getElementById(button.dataset.copySource);
  const status = document.getElementById(button.dataset.copyStatus);
  button.hidden = false;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(source.textContent);
      status.textContent = "Copied.";
    } catch {
      getSelection().selectAllChildren(source);
      status.textContent = "Couldn’t copy. The text is selected: press Ctrl+C.";
    }
  });
}

// A form is sent once: its buttons are disabled until the response arrives or is overdue.
const RESEND_AFTER_MS = 15_000;
for (const form of document.querySelectorAll("form[method=post]")) {
  form.addEventListener("submit", (event) => {
    if (form.dataset.sent) {
      event.preventDefault();
      return;
    }
    form.dataset.sent = "yes";
    const buttons = form.querySelectorAll("button");
    for (const button of buttons) button.disabled = true;
    setTimeout(() => {
      delete form.dataset.sent;
      for (const button of buttons) button.disabled = false;
    }, RESEND_AFTER_MS);
  });
}

// A page from the back/forward cache contains forms that were sent, so it is reloaded.
addEventListener("pageshow", (event) => {
  if (event.persisted) location.reload();
});

// The link of an invitation contains the code after the #, which browsers do not send to the service.
const code = document.querySelector("input[name=token]");
if (code && location.hash.length > 1) {
  code.value = location.hash.slice(1);
  history.replaceState(null, "", location.pathname);
  document.getElementById("password")?.focus();
}

// A harmful choice turns the button red.
for (const select of document.querySelectorAll("select[data-danger]")) {
  const button = select.form.querySelector("button");
  const show = () => button.classList.toggle("danger", select.value === select.dataset.danger);
  select.addEventListener("change", show);
  show();
}
