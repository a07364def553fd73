import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";

import { SearchBar } from "./SearchBar";

const NOTHING = { words: "", order: "shop", onlyAvailable: false } as const;

test("a word that is typed faster than the address follows loses no letter", async () => {
  const user = userEvent.setup();
  const onSearch = vi.fn();
  // The address stays behind for the whole of the word.
  render(<SearchBar search={NOTHING} onSearch={onSearch} />);

  await user.type(screen.getByRole("searchbox"), "batik");

  expect(screen.getByRole("searchbox")).toHaveValue("batik");
  expect(onSearch).toHaveBeenLastCalledWith({ ...NOTHING, words: "batik" });
});

test("once it is left, the field says what the address says", async () => {
  const user = userEvent.setup();
  const { rerender } = render(<SearchBar search={NOTHING} onSearch={vi.fn()} />);
  await user.type(screen.getByRole("searchbox"), "batik");

  await user.tab();
  rerender(<SearchBar search={{ ...NOTHING, words: "kopi" }} onSearch={vi.fn()} />);

  expect(screen.getByRole("searchbox")).toHaveValue("kopi");
});
