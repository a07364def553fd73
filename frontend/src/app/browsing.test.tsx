import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";

import { chooseLanguage } from "@/shared/i18n/language";
import { exampleOrder, exampleProduct } from "@/shared/testing/examples";
import { json, lostConnection, problem } from "@/shared/testing/fakeApi";

import { openShop, TEH } from "./testing/openShop";

const CUP = exampleProduct({
  sku: "CANGKIR",
  name: { id: "Cangkir Plered", en: "Plered Cup" },
  description: { id: "Glasir biru.", en: "Blue glaze." },
  price_idr: 125_000,
  available: 3,
});
const GOODS = { "GET /api/products": () => json({ products: [exampleProduct(), TEH, CUP] }) };
const ORDER_ID = "A".repeat(24);
const EMPTY_CART = { name: "Keranjang, 0 barang" };

const shown = () => screen.queryAllByTestId("product-card").map((card) => card.getAttribute("data-sku"));
const address = () => screen.getByTestId("address").textContent;

function remember(...numbers: string[]) {
  const orders = numbers.map((number, at) => ({ id: ORDER_ID.slice(1) + String(at), number, orderedAt: "2026-11-23T05:00:00Z" }));
  window.localStorage.setItem("lunas.my-orders.v1", JSON.stringify(orders));
}

function network(online: boolean) {
  vi.spyOn(navigator, "onLine", "get").mockReturnValue(online);
  fireEvent(window, new Event(online ? "online" : "offline"));
}

afterEach(() => {
  act(() => { chooseLanguage("id"); });
  act(() => { network(true); });
  delete document.documentElement.dataset["theme"];
});

test("the list follows the words, keeps them in the address, and says how much is left of it", async () => {
  const { user } = openShop("/", GOODS);
  await screen.findAllByTestId("product-card");

  await user.type(screen.getByRole("searchbox"), "biru glasir");
  expect(shown()).toEqual(["CANGKIR"]);
  expect(screen.getByText("1 dari 3 barang")).toBeVisible();
  expect(address()).toBe("/?q=biru+glasir");

  await user.click(screen.getByRole("button", { name: "Hapus pencarian" }));
  expect(shown()).toEqual(["KOPI", "TEH", "CANGKIR"]);
  expect(address()).toBe("/");
});

test("an address with a search opens the list so; what is asked can be taken back", async () => {
  const { user } = openShop("/?sort=dear&stock=1", GOODS);
  await screen.findAllByTestId("product-card");

  expect(shown()).toEqual(["CANGKIR", "KOPI"]);
  await user.click(screen.getByRole("checkbox", { name: "Hanya yang ada stok" }));
  expect(shown()).toEqual(["CANGKIR", "KOPI", "TEH"]);
  await user.selectOptions(screen.getByRole("combobox", { name: "Urutkan" }), "Harga terendah");
  expect(shown()).toEqual(["TEH", "KOPI", "CANGKIR"]);
  expect(address()).toBe("/?sort=cheap");
});

test("a search without a find says so and leads back to everything", async () => {
  const { user } = openShop("/?q=sepatu", GOODS);
  expect(await screen.findByRole("heading", { name: "Tidak ada barang yang cocok." })).toBeVisible();

  await user.click(screen.getByRole("button", { name: "Lihat semua barang" }));
  expect(shown()).toHaveLength(3);
});

test("the front shows the dearest goods that can be bought", async () => {
  openShop("/", GOODS);
  await screen.findAllByTestId("product-card");

  const front = screen.getAllByRole("listitem").flatMap((item) => within(item).queryAllByRole("link", { name: /Rp/ }));
  expect([...new Set(front.map((link) => link.getAttribute("href")))]).toEqual(["/produk/CANGKIR", "/produk/KOPI"]);
});

test("a product's page names it, counts what is chosen, and never lets more be chosen than there is", async () => {
  const { user } = openShop("/produk/KOPI", GOODS);
  expect(await screen.findByRole("heading", { level: 1, name: "Kopi Gayo" })).toBeVisible();
  await waitFor(() => { expect(document.title).toBe("Kopi Gayo · Toko Lunas"); });
  const page = within(screen.getByTestId("product"));

  for (let click = 0; click < 2; click += 1) await user.click(page.getByRole("button", { name: "Tambah jumlah" }));
  await user.click(page.getByTestId("add-to-cart"));
  expect(screen.getByTestId("cart-count")).toHaveTextContent("3");
  expect(page.getByText(/3 × Kopi Gayo masuk ke keranjang/)).toBeVisible();
  expect(page.getByRole("group", { name: "Jumlah" })).toHaveTextContent("1");

  await user.click(page.getByRole("button", { name: "Tambah jumlah" }));
  expect(page.getByRole("button", { name: "Tambah jumlah" })).toBeDisabled();
  await user.click(page.getByTestId("add-to-cart"));
  expect(window.localStorage.getItem("lunas.cart.v1")).toBe('[{"sku":"KOPI","quantity":5}]');
  expect(page.getByTestId("add-to-cart")).toBeDisabled();
});

test("what was sold meanwhile can no longer be chosen, though it was on the screen", async () => {
  let available = 5;
  const { user } = openShop("/produk/KOPI", { "GET /api/products": () => json({ products: [exampleProduct({ available })] }) });
  const plus = await screen.findByRole("button", { name: "Tambah jumlah" });
  for (let click = 0; click < 4; click += 1) await user.click(plus);

  available = 2;
  const inAMinute = Date.now() + 60_000;
  vi.spyOn(Date, "now").mockReturnValue(inAMinute);
  act(() => { network(false); });
  act(() => { network(true); });

  expect(await screen.findByText("2 buah")).toBeVisible();
  await user.click(within(screen.getByTestId("product")).getByTestId("add-to-cart"));
  expect(screen.getByTestId("cart-count")).toHaveTextContent("2");
});

test("a product that is sold out can be looked at and not be bought", async () => {
  openShop("/produk/TEH", GOODS);

  expect(await screen.findByText(/Barang ini sedang habis/)).toBeVisible();
  expect(within(screen.getByTestId("product")).getByTestId("add-to-cart")).toBeDisabled();
  expect(screen.getByRole("link", EMPTY_CART)).toBeVisible();
});

test("what stands beside a product leads on, and the next page begins with one piece", async () => {
  const { user } = openShop("/produk/KOPI", GOODS);
  await user.click(await screen.findByRole("button", { name: "Tambah jumlah" }));
  expect(shown()).toEqual(["CANGKIR"]);

  await user.click(screen.getByRole("link", { name: "Cangkir Plered" }));

  expect(screen.getByRole("heading", { level: 1, name: "Cangkir Plered" })).toBeVisible();
  expect(screen.getByRole("group", { name: "Jumlah" })).toHaveTextContent("1");
  expect(screen.getByRole("main")).toHaveFocus();
});

test("a product that the shop does not have says so and leads back", async () => {
  openShop("/produk/NIHIL", GOODS);

  expect(await screen.findByRole("heading", { name: "Barang tidak ditemukan" })).toBeVisible();
  expect(screen.getByRole("link", { name: "Kembali ke toko" })).toHaveAttribute("href", "/");
});

test.each(["/", "/produk/KOPI", "/cart", "/checkout"])(
  "without a network %s says so, keeps the cart, and comes by itself when it is back",
  async (path) => {
    vi.useFakeTimers({ shouldAdvanceTime: true });
    window.localStorage.setItem("lunas.cart.v1", JSON.stringify([{ sku: "KOPI", quantity: 2 }]));
    network(false);
    let answer = lostConnection;
    openShop(path, { "GET /api/products": (request) => answer(request) });
    await act(() => vi.advanceTimersByTimeAsync(10_000));

    expect(screen.getByRole("heading", { name: "Anda sedang luring" })).toBeVisible();
    expect(screen.getByText(/Keranjang tetap tersimpan/)).toBeVisible();
    expect(screen.getByTestId("cart-count")).toHaveTextContent("2");

    answer = GOODS["GET /api/products"];
    act(() => { network(true); });
    await act(() => vi.advanceTimersByTimeAsync(1_000));
    expect(screen.queryByRole("heading", { name: "Anda sedang luring" })).toBeNull();
    expect(screen.queryByText(/Keranjang tetap tersimpan;/)).toBeNull();
    expect(screen.getByTestId("cart-count")).toHaveTextContent("2");
  },
);

test("an order that was opened is found again on this device, and can be taken off the list", async () => {
  const path = `/orders/${ORDER_ID}`;
  const { user } = openShop(path, { [`GET /api${path}`]: () => json(exampleOrder({ order_id: ORDER_ID })) });
  await screen.findByTestId("order-number");
  await user.click(screen.getAllByRole("link", { name: "Pesanan saya" })[0] ?? document.body);

  const [row] = await screen.findAllByTestId("my-order");
  expect(row).toHaveTextContent("LN-7K3QW9ZD4M");
  expect(row).toHaveTextContent("Dipesan 23 Nov 2026, 12.00 WIB");
  expect(screen.getByRole("link", { name: "Lihat status pesanan LN-7K3QW9ZD4M" })).toHaveAttribute("href", path);
  expect(JSON.parse(window.localStorage.getItem("lunas.my-orders.v1") ?? "")).toEqual([
    { id: ORDER_ID, number: "LN-7K3QW9ZD4M", orderedAt: "2026-11-23T05:00:00+00:00" },
  ]);

  await user.click(screen.getByRole("button", { name: "Hapus LN-7K3QW9ZD4M dari daftar" }));
  expect(screen.getByRole("heading", { name: "Belum ada pesanan di perangkat ini." })).toBeVisible();
  expect(window.localStorage.getItem("lunas.my-orders.v1")).toBeNull();
});

test("an order that nobody has is not remembered", async () => {
  openShop(`/orders/${ORDER_ID}`, { [`GET /api/orders/${ORDER_ID}`]: () => problem(404, "order_not_found") });

  await screen.findByRole("heading", { name: "Pesanan tidak ditemukan" });
  expect(window.localStorage.getItem("lunas.my-orders.v1")).toBeNull();
});

test("a pasted link opens its order; anything else is refused, said, and leads nowhere", async () => {
  remember("LN-1", "LN-2");
  const { user } = openShop("/orders", { [`GET /api/orders/${ORDER_ID}`]: () => json(exampleOrder({ order_id: ORDER_ID })) });
  const field = await screen.findByRole("textbox", { name: "Tautan pesanan" });
  expect(screen.getAllByTestId("my-order")).toHaveLength(2);

  await user.type(field, "https://toko-lain.example/orders/nothing{enter}");
  expect(field).toHaveAccessibleDescription(/bukan tautan pesanan/);
  expect(field).toHaveFocus();
  expect(address()).toBe("/orders");

  await user.clear(field);
  await user.type(field, `${window.location.origin}/orders/${ORDER_ID}?lang=id{enter}`);
  expect(await screen.findByTestId("order-number")).toBeVisible();
  expect(address()).toBe(`/orders/${ORDER_ID}`);
});

test("the appearance goes from the device's to light, to dark, and back, and is remembered", async () => {
  const { user } = openShop("/", GOODS);
  const press = () => user.click(screen.getByTestId("theme-switch"));
  const seen: (string | undefined)[] = [];
  for (let turn = 0; turn < 3; turn += 1) {
    seen.push(document.documentElement.dataset["theme"]);
    await press();
  }

  expect(seen).toEqual([undefined, "light", "dark"]);
  expect(document.documentElement.dataset["theme"]).toBeUndefined();
  expect(window.localStorage.getItem("lunas.theme")).toBeNull();
  await press();
  expect(window.localStorage.getItem("lunas.theme")).toBe("light");
  expect(screen.getByRole("button", { name: "Tampilan: Terang" })).toBeVisible();
});
