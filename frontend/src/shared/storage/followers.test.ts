import { expect, it, vi } from "vitest";

import { makeFollowers } from "./followers";

it("tells of changes here and in other tabs until it is left", () => {
  const followers = makeFollowers();
  const notify = vi.fn();

  const leave = followers.subscribe(notify);
  followers.tell();
  window.dispatchEvent(new StorageEvent("storage"));

  expect(notify).toHaveBeenCalledTimes(2);

  leave();
  followers.tell();
  window.dispatchEvent(new StorageEvent("storage"));

  expect(notify).toHaveBeenCalledTimes(2);
});

it("keeps those who follow different things apart", () => {
  const notify = vi.fn();

  const leave = makeFollowers().subscribe(notify);
  makeFollowers().tell();
  leave();

  expect(notify).not.toHaveBeenCalled();
});
