// A long piece of work goes on by itself, a few rows per request; without this file, by its button.
const form = document.querySelector("form[data-goes-on]");
if (form) form.requestSubmit();
