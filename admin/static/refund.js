// Writes what the chosen pieces cost into the amount. The server adds up again by itself.
const amount = document.querySelector("#amount");
const lines = [...document.querySelectorAll("[data-price]")];
const whole = amount?.value ?? "";

function addUp() {
  const sum = lines.reduce((total, line) => total + Number(line.dataset.price) * Number(line.value || 0), 0);
  amount.readOnly = sum > 0;
  amount.value = sum > 0 ? sum.toLocaleString("id-ID") : whole;
}

for (const line of lines) line.addEventListener("input", addUp);
