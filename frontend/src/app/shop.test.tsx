import { focusManager } from "@tanstack/react-query";
import { act, screen, waitFor, within } from "@testing-library/react";
import type userEvent from "@testing-library/user-event";
import { afterEach, expect, test, vi } from "vitest";

import type { Order } from "@/shared/api/contract";
import { chooseLanguage } from "@/shared/i18n/language";
import { exampleInvoice, exampleOrder, exampleProduct } from "@/shared/testing/examples";
import { json, lostConnection, problem } from "@/shared/testing/fakeApi";
import type { Answer } from "@/shared/testing/fakeApi";

import { openShop } from "./testing/openShop";

const CREATE = "POST /api/payments/create-transaction";
const ORDER = "GET /api/orders/order-1";

function fillCart(quantity: number) {
  window.localStorage.setItem("lunas.cart.v1", JSON.stringify([{ sku: "KOPI", quantity }]));
}

async function fillForm(user: ReturnType<typeof userEvent.setup>) {
  await user.type(await screen.findByTestId("field-name"), "Sari Wulandari");
  await user.type(screen.getByTestId("field-email"), "sari@contoh.id");
  await user.type(screen.getByTestId("field-phone"), "0812 3456 7890");
}

afterEach(() => {
  act(() => { chooseLanguage("id"); });
  focusManager.setFocused(undefined);
});

test("the catalogue shows prices and stock, and puts products into the cart", async () => {
  const { user } = openShop("/");
  const [coffee, tea] = await screen.findAllByTestId("product-card");
  if (!coffee || !tea) throw new Error("two products expected");

  expect(coffee).toHaveTextContent("Rp 98.000");
  expect(coffee).toHaveTextContent("Tinggal 5");
  expect(within(tea).getByTestId("add-to-cart")).toBeDisabled();
  expect(within(tea).getByTestId("add-to-cart")).toHaveTextContent("Habis");

  for (let click = 0; click < 6; click += 1) await user.click(within(coffee).getByTestId("add-to-cart"));
  expect(screen.getByTestId("cart-count")).toHaveTextContent("5");
  expect(window.localStorage.getItem("lunas.cart.v1")).toBe('[{"sku":"KOPI","quantity":5}]');
});

test("the language switch changes texts and the page's language, and is remembered", async () => {
  const { user } = openShop("/");
  expect(await screen.findByRole("heading", { name: "Kopi Gayo" })).toBeVisible();
  expect(document.documentElement.lang).toBe("id");

  await user.click(screen.getByTestId("language-switch"));

  expect(screen.getByRole("heading", { name: "Gayo Coffee" })).toBeVisible();
  expect(document.documentElement.lang).toBe("en");
  expect(window.localStorage.getItem("lunas.language")).toBe("en");
});

test("a catalogue that cannot be loaded says so and can be asked again", async () => {
  let broken = true;
  const { user } = openShop("/", {
    "GET /api/products": () => (broken ? new Response("not here", { status: 404 }) : json({ products: [exampleProduct()] })),
  });
  expect(await screen.findByRole("heading", { name: "Daftar barang belum bisa dimuat." })).toBeVisible();

  broken = false;
  await user.click(screen.getByRole("button", { name: "Coba lagi" }));
  expect(await screen.findByRole("heading", { name: "Kopi Gayo" })).toBeVisible();
});

test("the cart changes quantities and totals, and names what is too much", async () => {
  fillCart(7);
  const { user } = openShop("/cart");

  await user.click(await screen.findByRole("button", { name: "Ubah menjadi 5" }));
  await user.click(screen.getByRole("button", { name: "Kurangi Kopi Gayo" }));
  expect(screen.getAllByText("Rp 392.000", { collapseWhitespace: true })).toHaveLength(2);
  expect(screen.getByTestId("go-checkout")).toHaveAttribute("href", "/checkout");

  await user.click(screen.getByRole("button", { name: "Hapus Kopi Gayo dari keranjang" }));
  expect(screen.getByRole("heading", { name: "Keranjang Anda masih kosong." })).toBeVisible();
  expect(screen.getByTestId("cart-count")).toHaveTextContent("0");
});

test("checkout tells errors after a field was left, follows the typing, and sends nothing wrong", async () => {
  fillCart(2);
  const { user, seen } = openShop("/checkout");
  const email = await screen.findByTestId("field-email");

  expect(screen.getByTestId("gateway-midtrans")).toBeChecked();
  await user.type(email, "sari@contoh");
  expect(email).toHaveAttribute("aria-invalid", "false");
  await user.tab();
  expect(email).toHaveAccessibleDescription(/belum lengkap/);
  await user.type(email, ".id");
  expect(email).toHaveAttribute("aria-invalid", "false");

  await user.click(screen.getByTestId("pay-button"));
  expect(screen.getByTestId("field-name")).toHaveFocus();
  expect(screen.getByTestId("field-phone")).toHaveAccessibleDescription(/Tulis nomor ponsel/);
  expect(seen.filter(({ method }) => method === "POST")).toEqual([]);
});

test("paying makes the order, shows its page, and empties the cart", async () => {
  fillCart(2);
  const { user, seen } = openShop("/checkout", {
    [CREATE]: () => json(exampleInvoice(), 201),
    [ORDER]: () => json(exampleOrder()),
  });
  await fillForm(user);
  await user.click(screen.getByTestId("gateway-xendit"));
  await user.dblClick(screen.getByTestId("pay-button"));

  expect(await screen.findByTestId("order-number")).toHaveTextContent("LN-7K3QW9ZD4M");
  expect(screen.getByTestId("address")).toHaveTextContent("/orders/order-1");
  expect(screen.getByTestId("cart-count")).toHaveTextContent("0");
  const posts = seen.filter(({ method }) => method === "POST");
  expect(posts.map(({ body }) => body)).toEqual([
    {
      gateway: "xendit",
      items: [{ sku: "KOPI", quantity: 2 }],
      customer: { name: "Sari Wulandari", email: "sari@contoh.id", phone: "+6281234567890" },
      locale: "id",
    },
  ]);
});

test("gateway down: explained, the cart kept, and the kept order can be seen", async () => {
  fillCart(2);
  const { user } = openShop("/checkout", {
    [CREATE]: () => problem(503, "gateway_unavailable", { order_id: "order-1" }),
  });
  await fillForm(user);
  await user.click(screen.getByTestId("pay-button"));

  const alert = await screen.findByRole("alert");
  expect(alert).toHaveTextContent("Layanan pembayaran sedang tidak menjawab");
  expect(within(alert).getByRole("link")).toHaveAttribute("href", "/orders/order-1");
  expect(screen.getByTestId("cart-count")).toHaveTextContent("2");
  expect(screen.getByTestId("pay-button")).toHaveTextContent("Coba lagi");

  await user.click(screen.getByRole("link", { name: /Keranjang, 2/ }));
  expect(await screen.findByText("Ada pesanan yang menunggu dibayar")).toBeVisible();
});

test("an order kept through an outage and then paid from its own page leaves the cart, and only that", async () => {
  fillCart(2);
  const expired = exampleOrder({ payment: { ...closedPayment, can_retry: true } });
  const { user } = openShop("/checkout", {
    [CREATE]: () => problem(503, "gateway_unavailable", { order_id: "order-1" }),
    [ORDER]: () => json(expired),
    "POST /api/orders/order-1/retry": () => json(exampleInvoice(), 201),
  });
  await fillForm(user);
  await user.click(screen.getByTestId("pay-button"));
  fillCart(3);
  await user.click(await screen.findByRole("link", { name: "Lihat pesanan" }));
  await user.click(await screen.findByTestId("retry-payment"));

  await waitFor(() => { expect(screen.getByTestId("cart-count")).toHaveTextContent("1"); });
  expect(window.localStorage.getItem("lunas.intents.v1")).toBeNull();
});

test("out of stock: the item and what is left are named, and the cart can follow", async () => {
  fillCart(2);
  const errors = [{ field: "items", code: "out_of_stock", message: "", sku: "KOPI", available: 1 }];
  const { user } = openShop("/checkout", { [CREATE]: () => problem(409, "out_of_stock", { errors }) });
  await fillForm(user);
  await user.click(screen.getByTestId("pay-button"));

  expect(await screen.findByRole("alert")).toHaveTextContent("Kopi Gayo: tinggal 1");
  await user.click(screen.getByRole("button", { name: "Sesuaikan keranjang dengan stok" }));
  expect(screen.getByTestId("cart-count")).toHaveTextContent("1");
  expect(screen.queryByRole("alert")).toBeNull();
});

test("an error that the server finds stands at its field", async () => {
  fillCart(1);
  const errors = [{ field: "customer.phone", code: "invalid", message: "Nomor ini tidak aktif." }];
  const { user } = openShop("/checkout", { [CREATE]: () => problem(422, "validation_failed", { errors }) });
  await fillForm(user);
  await user.click(screen.getByTestId("pay-button"));

  await waitFor(() => {
    expect(screen.getByTestId("field-phone")).toHaveAccessibleDescription(/tidak aktif/);
  });
});

const closedPayment = { ...exampleOrder().payment, continue: null };
const va = { kind: "va", label: "BCA Virtual Account", number: "812785002530231" } as const;

interface Told {
  order: Partial<Order>;
  title: string;
  buttons: string[];
}

const stories: Record<string, Told> = {
  unpaid: { order: {}, title: "Menunggu pembayaran", buttons: ["continue-payment"] },
  "waiting for a transfer": {
    order: { payment: { ...exampleOrder().payment, instructions: va } },
    title: "Menunggu pembayaran",
    buttons: ["continue-payment", "pay-number"],
  },
  declined: {
    order: { payment: { ...exampleOrder().payment, last_outcome: "denied", can_retry: true } },
    title: "Pembayaran ditolak",
    buttons: ["continue-payment", "retry-payment"],
  },
  confirming: { order: { confirming: true }, title: "Kami memastikan pembayaran Anda", buttons: [] },
  "too late": { order: { expires_at: "2020-01-01T00:00:00Z" }, title: "Waktu pembayaran habis", buttons: [] },
  paid: { order: { status: "paid", final: true, payment: closedPayment }, title: "Lunas. Terima kasih!", buttons: [] },
  "in review": { order: { status: "in_review", payment: closedPayment }, title: "Pembayaran sedang ditinjau", buttons: [] },
  expired: {
    order: { status: "expired", final: true, payment: { ...closedPayment, can_retry: true } },
    title: "Pesanan kedaluwarsa",
    buttons: ["retry-payment"],
  },
  failed: {
    order: { status: "failed", final: true, payment: { ...closedPayment, can_retry: true } },
    title: "Pembayaran gagal",
    buttons: ["retry-payment"],
  },
  cancelled: { order: { status: "cancelled", final: true, payment: closedPayment }, title: "Pesanan dibatalkan", buttons: [] },
  refunded: { order: { status: "refunded", final: true, payment: closedPayment }, title: "Uang dikembalikan", buttons: [] },
  "partly refunded": {
    order: { status: "partially_refunded", final: true, payment: closedPayment },
    title: "Sebagian uang dikembalikan",
    buttons: [],
  },
  "charged back": {
    order: { status: "charged_back", final: true, payment: closedPayment },
    title: "Pembayaran ditarik kembali",
    buttons: [],
  },
};

test.each(Object.entries(stories))("an order that is %s says so and offers only what helps", async (_, told) => {
  openShop("/orders/order-1", { [ORDER]: () => json(exampleOrder(told.order)) });

  expect(await screen.findByRole("heading", { level: 1, name: told.title })).toBeVisible();
  expect(screen.getByTestId("order-status")).toHaveAttribute("data-status", told.order.status ?? "pending");
  const offered = ["continue-payment", "pay-number", "retry-payment"].filter((id) => screen.queryByTestId(id));
  expect(offered).toEqual(told.buttons);
});

test("while a first try waits, another one is folded away", async () => {
  const payment = { ...exampleOrder().payment, instructions: va, can_retry: true };
  const { user } = openShop("/orders/order-1", { [ORDER]: () => json(exampleOrder({ payment })) });

  expect(await screen.findByTestId("retry-payment")).not.toBeVisible();
  await user.click(screen.getByTestId("other-way"));
  expect(screen.getByTestId("retry-payment")).toBeVisible();
});

test("a transfer shows its number and amount; copying takes the bare number", async () => {
  const order = exampleOrder({ payment: { ...exampleOrder().payment, instructions: va } });
  const { user } = openShop("/orders/order-1", { [ORDER]: () => json(order) });

  expect(await screen.findByTestId("pay-number")).toHaveTextContent("812785002530231");
  await user.click(screen.getByRole("button", { name: /Salin BCA Virtual Account/ }));
  expect(await navigator.clipboard.readText()).toBe("812785002530231");
  expect(screen.getByText("Tersalin")).toBeVisible();
});

test("refunds are shown in rupiah, done and on their way apart", async () => {
  const order = exampleOrder({
    status: "partially_refunded", final: true, payment: closedPayment, refunded_idr: 50_000, refund_pending_idr: 20_000,
  });
  openShop("/orders/order-1", { [ORDER]: () => json(order) });

  expect((await screen.findByText("Sudah dikembalikan")).nextSibling).toHaveTextContent("Rp 50.000");
  expect(screen.getByText("Pengembalian sedang diproses").nextSibling).toHaveTextContent("Rp 20.000");
});

test("an address that claims success is confirmed with our API and cleaned, never believed", async () => {
  openShop("/orders/order-1?transaction_status=settlement&status_code=200", { [ORDER]: () => json(exampleOrder()) });

  expect(await screen.findByRole("heading", { name: "Kami memastikan pembayaran Anda" })).toBeVisible();
  expect(screen.getByTestId("order-status")).toHaveAttribute("data-status", "pending");
  expect(screen.getByTestId("address")).toHaveTextContent(/^\/orders\/order-1$/);
});

test("the page follows the order to its end and then stops asking", async () => {
  vi.useFakeTimers();
  let order = exampleOrder();
  const { seen } = openShop("/orders/order-1", { [ORDER]: () => json(order) });
  const asked = () => seen.filter(({ path }) => path === "/api/orders/order-1").length;
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

  await pass(100);
  expect(asked()).toBe(1);
  await pass(6_000);
  expect(asked()).toBe(4);
  order = exampleOrder({ status: "paid", final: true, payment: closedPayment });
  await pass(2_000);
  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Lunas");
  const last = asked();
  await pass(120_000);
  expect(asked()).toBe(last);
});

test("the questions grow rarer, and cease while the tab is hidden", async () => {
  vi.useFakeTimers();
  const { seen } = openShop("/orders/order-1", { [ORDER]: () => json(exampleOrder()) });
  const asked = () => seen.filter(({ path }) => path === "/api/orders/order-1").length;
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));

  await pass(90_000);
  let before = asked();
  await pass(30_000);
  expect(asked() - before).toBe(6);
  await pass(240_000);
  before = asked();
  await pass(60_000);
  expect(asked() - before).toBe(4);

  act(() => { focusManager.setFocused(false); });
  before = asked();
  await pass(120_000);
  expect(asked()).toBe(before);
  act(() => { focusManager.setFocused(true); });
  await pass(100);
  expect(asked()).toBe(before + 1);
});

test("a lost connection keeps the last status on the screen and goes on asking", async () => {
  vi.useFakeTimers();
  let answer: Answer = () => json(exampleOrder());
  openShop("/orders/order-1", { [ORDER]: (request) => answer(request) });
  const pass = (ms: number) => act(() => vi.advanceTimersByTimeAsync(ms));
  await pass(100);

  answer = lostConnection;
  await pass(2_000);
  expect(screen.getByText(/Koneksi terputus/)).toBeVisible();
  expect(screen.getByTestId("order-status")).toHaveAttribute("data-status", "pending");

  answer = () => json(exampleOrder({ status: "paid", final: true, payment: closedPayment }));
  await pass(2_000);
  expect(screen.queryByText(/Koneksi terputus/)).toBeNull();
  expect(screen.getByTestId("order-status")).toHaveAttribute("data-status", "paid");
});

test("retrying asks for a new attempt and starts following again", async () => {
  const expired = exampleOrder({ status: "expired", final: true, payment: { ...closedPayment, can_retry: true } });
  let order = expired;
  const { user, seen } = openShop("/orders/order-1", {
    [ORDER]: () => json(order),
    "POST /api/orders/order-1/retry": () => {
      order = exampleOrder();
      return json(exampleInvoice(), 201);
    },
  });
  await user.click(await screen.findByTestId("gateway-xendit"));
  await user.click(screen.getByTestId("retry-payment"));

  expect(await screen.findByRole("heading", { name: "Menunggu pembayaran" })).toBeVisible();
  expect(seen.find(({ method }) => method === "POST")?.body).toEqual({ gateway: "xendit" });
});

test("an unknown order and an unknown page each say so", async () => {
  openShop("/orders/order-1", { [ORDER]: () => problem(404, "order_not_found") });
  expect(await screen.findByRole("heading", { name: "Pesanan tidak ditemukan" })).toBeVisible();
});

test("an address that the shop does not have leads back to it", async () => {
  openShop("/no/such/page");
  expect(await screen.findByRole("heading", { name: "Halaman tidak ditemukan" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Kembali ke toko" })).toHaveAttribute("href", "/");
});

test("a page that fails to draw leaves the header standing, and another page works", async () => {
  vi.spyOn(console, "error").mockImplementation(() => undefined);
  const { user } = openShop("/orders/order-1", { [ORDER]: () => new Response(JSON.stringify({ ...exampleOrder(), items: null })) });
  expect(await screen.findByRole("heading", { name: "Ada yang salah di halaman ini" })).toBeVisible();

  await user.click(screen.getByRole("link", { name: "Toko Lunas, ke halaman utama" }));
  expect(await screen.findByRole("heading", { name: "Kopi Gayo" })).toBeVisible();
});
