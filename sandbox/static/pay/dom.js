// Small tools of the payment pages: elements, money, time, requests.

/** Create an element; text children are never read as HTML. */
export function el(name, attributes = {}, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.flat().filter((child) => child !== null && child !== undefined));
  return element;
}

/** Write an amount the Indonesian way: Rp 150.000. */
export function rupiah(amount) {
  return `Rp ${String(Math.trunc(amount)).replace(/\B(?=(\d{3})+(?!\d))/g, '.')}`;
}

/** Write a pay number in groups of four, for reading aloud; short codes stay whole. */
export function grouped(number) {
  if (number.length < 7) return number;
  return number.replace(/(.{4})(?=.)/g, '$1 ');
}

/** Write a moment in WIB. */
export function wib(iso, language) {
  const text = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'id-ID', {
    timeZone: 'Asia/Jakarta', day: 'numeric', month: 'long', year: 'numeric',
    hour: '2-digit', minute: '2-digit', hour12: false,
  }).format(new Date(iso));
  return `${text} WIB`;
}

/** Call the sandbox; a refusal rejects with its code. */
export async function call(url, body) {
  const options = body === undefined ? {} : {
    method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
  };
  const response = await fetch(url, { cache: 'no-store', ...options });
  const answer = await response.json().catch(() => ({}));
  if (!response.ok) throw new Error(answer.error || 'network');
  return answer;
}

/** A clock that runs like the sandbox's: its time, its speed. */
export class ServerClock {
  #skew = 0;
  #stillAt = null;

  set(iso, standsStill) {
    this.#skew = Date.parse(iso) - Date.now();
    this.#stillAt = standsStill ? Date.parse(iso) : null;
  }

  secondsUntil(iso) {
    const now = this.#stillAt ?? Date.now() + this.#skew;
    return Math.max(0, Math.floor((Date.parse(iso) - now) / 1000));
  }
}

/** Write seconds as 23:59:59 (with days in front where there are any). */
export function countdownText(seconds, dayWord) {
  const two = (number) => String(number).padStart(2, '0');
  const days = Math.floor(seconds / 86400);
  const clock = [Math.floor(seconds / 3600) % 24, Math.floor(seconds / 60) % 60, seconds % 60];
  return (days ? `${days} ${dayWord} ` : '') + clock.map(two).join(':');
}

/** A button that copies a text and says so. */
export function copyButton(text, words) {
  const button = el('button', { type: 'button', class: 'copy' }, words.copy);
  button.addEventListener('click', async () => {
    await copy(text);
    button.textContent = words.copied;
    setTimeout(() => { button.textContent = words.copy; }, 2000);
  });
  return button;
}

async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    // Inside a frame without clipboard permission: the old way still works.
    const area = el('textarea', { class: 'offscreen', readonly: true });
    area.value = text;
    document.body.append(area);
    area.select();
    document.execCommand('copy');
    area.remove();
  }
}
