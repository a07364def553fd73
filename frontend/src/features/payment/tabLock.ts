/**
 * Do something while no other tab of the shop does the same.
 *
 * Two tabs that read the stored intents at one moment would each make a key of their own, and two orders of
 * them. A tab that is closed gives its lock back. Without the Web Locks API (old browsers, pages without TLS)
 * the work is done at once: the key then protects all but that one moment.
 */
export async function aloneAmongTabs(name: string, work: () => Promise<void>): Promise<void> {
  const locks = (navigator as Partial<Navigator>).locks;
  await (locks ? locks.request(name, work) : work());
}
