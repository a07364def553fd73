// Runs before the first paint: a shopper who chose dark must not be flashed with white. A file of its own, as the
// content security policy admits no code inside the page. The names are those of src/shared/theme/theme.ts.
try {
  var theme = localStorage.getItem("lunas.theme");
  if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
} catch {
  // A browser that refuses storage remembers no choice: the device's own appearance it is.
}
