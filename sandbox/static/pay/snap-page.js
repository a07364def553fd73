// The Snap payment page: method list, card and 3-D Secure, VA, pay code, QR, outcome.
import { el, call, rupiah, wib, ServerClock } from './dom.js';
import { button, cardForm, countdown, field, languageSwitch, methodRow, outcome, payNumber, plate, renderInto, sheetHead, simulatorBox } from './parts.js';
import { SNAP_WORDS as WORDS, groupOf } from './snap-words.js';

const POLL_MS = 2000;
const LEAVE_MS = 1800;
const MOST_DENIALS = 3;
const ALREADY_PAID = { status_code: '406', status_message: ['transaction has been processed'] };
const CARDS = [
  ['4811111111111114', 'Visa · 3DS ✓'], ['4411111111111118', 'Visa ✓'],
  ['5211111111111117', 'Mastercard · 3DS ✓'], ['4911111111111113', 'Visa · 3DS → deny'],
  ['4711111111111115', 'Visa → deny'], ['4611111111111116', 'Visa → fraud deny'],
  ['4511111111111117', 'Visa → challenge'],
  ['4024007176265022', 'Visa → 60 s ✓'], ['4472429869996670', 'Visa → 51'],
];

const page = document.getElementById('page');
const base = document.body.dataset.base;
const query = new URLSearchParams(window.location.search);
const shopOrigin = query.get('origin');
const inPopup = window.parent !== window && Boolean(shopOrigin);
const clock = new ServerClock();

let language = document.documentElement.lang;
let words = WORDS[language];
let state = null;
let screen = 'methods'; // methods | card | phone | otp | bank | waiting | denied
let denials = 0;
let message = '';
let ticking = [];
let leaving = false;

start();

async function start() {
  render(el('p', { class: 'loading' }, words.loading));
  if (document.body.dataset.known === 'no') return showEnded();
  window.addEventListener('keydown', (event) => { if (event.key === 'Escape' && inPopup) leave('close'); });
  setInterval(() => ticking.forEach((line) => line.tick()), 1000);
  setInterval(poll, POLL_MS);
  await load();
  const wanted = query.get('selectedPaymentType');
  if (screen === 'methods' && wanted && offered().some((method) => method.key === wanted)) choose(wanted);
}

async function load() {
  try {
    accept(await call(`${base}/state`));
  } catch {
    message = words.problem;
    draw();
  }
}

async function poll() {
  if (leaving || document.hidden || !state || ['card', 'phone', 'otp'].includes(screen)) return;
  const before = JSON.stringify([state.page_state, state.transaction]);
  const fresh = await call(`${base}/state`).catch(() => null);
  if (fresh && JSON.stringify([fresh.page_state, fresh.transaction]) !== before) accept(fresh);
}

function accept(fresh) {
  const last = state?.transaction;
  state = fresh;
  clock.set(state.now, state.clock_stands_still);
  if (state.page_state === 'waiting') screen = waitingFor(state.transaction);
  else if (wasDenied(last)) { screen = 'denied'; denials += 1; }
  else if (['waiting', 'otp', 'bank'].includes(screen)) screen = 'methods';
  message = '';
  draw();
}

function waitingFor(transaction) {
  if (transaction.kind !== 'card') return 'waiting';
  return transaction.asks_otp ? 'otp' : 'bank';
}

function wasDenied(last) {
  const now = state.transaction;
  if (!now || now.status !== 'deny' || state.page_state !== 'open') return false;
  return !last ? screen === 'card' : last.id !== now.id || last.status !== 'deny';
}

async function send(path, body) {
  page.setAttribute('aria-busy', 'true');
  try {
    accept(await call(`${base}/${path}`, body));
  } catch (error) {
    // Paid in another window meanwhile: the shop is told by onError, as snap.js does.
    if (error.message === 'already_paid') return leave('error', ALREADY_PAID);
    if (['page_ended', 'not_waiting'].includes(error.message)) return load();
    message = { card_number: words.cardNumberWrong, card_bin: words.cardBin, otp: words.otpWrong,
      phone: words.phoneWrong, phone_unknown: words.phoneUnknown }[error.message] ?? words.problem;
    draw();
  } finally {
    page.removeAttribute('aria-busy');
  }
}

function choose(key) {
  const method = state.methods.find((one) => one.key === key);
  const form = { card: 'card', push: 'phone' }[method.kind];
  if (form) { screen = form; message = ''; return draw(); }
  const mode = query.get('uiMode') ?? query.get('gopayMode') ?? 'auto';
  const small = window.matchMedia('(pointer: coarse)').matches;
  send('charge', { method: key, mode: mode === 'auto' ? (small ? 'deeplink' : 'qr') : mode });
}

function draw() {
  const { page_state: pageState, transaction } = state ?? {};
  ticking = [];
  if (!state) return render(outcome('bad', words.problem, '', [button(words.back, load)]));
  if (pageState === 'paid') return showPaid();
  if (pageState === 'expired') return showOver(words.expiredTitle, words.expiredText);
  if (pageState === 'canceled' || pageState === 'replaced') return showEnded();
  if (transaction?.fraud_status === 'challenge' && transaction.status === 'capture') return showReview();
  const screens = { methods: methodScreen, card: cardScreen, phone: phoneScreen, otp: otpScreen, waiting: waitingScreen, bank: bankScreen, denied: deniedScreen };
  return render(head(), notice(), screens[screen]());
}

function head() {
  const bar = sheetHead({
    merchant: state.merchant, amount: state.amount, order: state.order_id, words,
    onClose: inPopup ? () => leave('close') : null, switcher: languageSwitch(language, switchLanguage),
  });
  const until = state.page_state === 'waiting' ? state.transaction.expires : state.expires;
  const line = countdown(clock, until, words);
  ticking.push(line);
  bar.append(line);
  return bar;
}

function notice() {
  const key = query.get('client_key');
  const wrongKey = key && document.body.dataset.clientKey !== key ? words.wrongKey : '';
  const text = message || wrongKey;
  return text ? el('p', { class: 'notice', role: 'alert' }, text) : null;
}

/** The methods of the token, narrowed by enabledPayments of snap.js or the address. */
function offered() {
  const wanted = (query.get('enabledPayments') ?? '').split(',').filter(Boolean);
  if (!wanted.length) return state.methods;
  return state.methods.filter((method) => method.codes.some((code) => wanted.includes(code)));
}

function methodScreen() {
  const groups = [...new Set(offered().map(groupOf))];
  return el('section', { class: 'body' }, orderDetails(), el('h1', {}, words.chooseMethod),
    groups.flatMap((group) => [el('h2', { class: 'group-title' }, words.groups[group]), methodList(group)]));
}

function methodList(group) {
  const hints = { card: words.cardHint, va: words.vaHint, bill: words.billHint, code: words.codeHint, qr: words.qrHint,
    wallet: words.walletHint, push: words.pushHint, redirect: words.redirectHint };
  return el('ul', { class: 'methods' }, offered().filter((method) => groupOf(method) === group).map((method) =>
    methodRow(method.key, method.label[language], hints[method.kind], () => choose(method.key))));
}

function labelOf(key) {
  return state.methods.find((method) => method.key === key).label[language];
}

function orderDetails() {
  if (!state.items.length) return null;
  return el('details', { class: 'details' }, el('summary', {}, words.details),
    el('ul', {}, state.items.map((item) => el('li', {}, el('span', {}, `${item.name} × ${item.quantity}`),
      el('span', {}, rupiah(item.price * item.quantity))))));
}

function cardScreen() {
  return el('section', { class: 'body' }, titled('credit_card', labelOf('credit_card')), cardForm(words, CARDS,
    `${words.pay} ${rupiah(state.amount)}`, (card) => send('charge', { method: 'credit_card', card })), backButton());
}

function phoneScreen() {
  const phone = field('phone', words.phone, { inputmode: 'tel', autocomplete: 'tel', maxlength: 18, value: state.phone });
  const form = el('form', { class: 'card-form', novalidate: true }, phone.box,
    el('button', { type: 'submit', class: 'primary', 'data-testid': 'phone-submit' }, `${words.pay} ${rupiah(state.amount)}`));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send('charge', { method: 'ovo', phone: phone.input.value.trim() });
  });
  return el('section', { class: 'body' }, titled('ovo', labelOf('ovo')), form, backButton());
}

function otpScreen() {
  const otp = field('otp', words.otpLabel, { inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 6 });
  const form = el('form', { class: 'card-form', novalidate: true }, otp.box,
    el('button', { type: 'submit', class: 'primary', 'data-testid': 'otp-submit' }, words.otpSend),
    button(words.otpAbandon, () => leave('pending'), 'secondary', 'otp-abandon'));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    send('otp', { otp: otp.input.value.trim() });
  });
  return el('section', { class: 'body bank' }, el('h1', {}, words.otpTitle),
    el('p', { class: 'masked' }, state.transaction.masked_card), el('p', {}, words.otpText), form);
}

function waitingScreen() {
  const { key, kind, expires } = state.transaction;
  const steps = words[`${kind}Steps`];
  return el('section', { class: 'body' }, titled(key, state.transaction.label[language]), payWith(state.transaction),
    el('p', { class: 'before' }, `${words.payBefore} `, el('strong', {}, wib(expires, language))),
    el('details', { class: 'details' }, el('summary', {}, words.howTo), el('ol', {}, steps.map((step) => el('li', {}, step)))),
    simulator(kind), button(words.later, () => leave('pending'), 'secondary', 'pay-later'));
}

/** What the payer needs: a picture, numbers, or the way into the app. */
function payWith({ id, kind, number, biller_code: biller, phone, app_url: appUrl }) {
  if (kind === 'qr') return el('img', { class: 'qr', src: `${base}/qr.svg?${id}`, alt: words.qrAlt, width: 200, height: 200 });
  if (kind === 'bill') return [payNumber(words.billerCode, biller, words), payNumber(words.billKey, number, words)];
  if (kind === 'push') return el('p', {}, `${words.pushText} `, el('strong', {}, phone));
  if (number) return payNumber(kind === 'va' ? words.vaNumber : words.payCode, number, words);
  const label = kind === 'wallet' ? words.openApp : words.openPage;
  return el('a', { class: 'primary', href: `${appUrl}${appUrl.includes('?') ? '&' : '?'}language=${language}`,
    target: inPopup ? '_blank' : '_self', rel: 'noopener', 'data-testid': 'open-app' }, label);
}

function bankScreen() {
  return outcome('wait', words.bankTitle, words.bankText, [button(words.later, () => leave('pending'), 'secondary', 'pay-later')]);
}

function simulator(kind) {
  const label = { va: words.payAtBank, bill: words.payAtBank, code: words.payAtStore, qr: words.scanAndPay,
    wallet: words.payInApp, push: words.payInApp, redirect: words.payAtProvider }[kind];
  const buttons = [button(label, () => send('simulate', { outcome: 'pay' }), 'primary', 'simulate-pay')];
  // Only these tell the shop of a refusal; what fails inside a wallet or a bank leaves it waiting.
  const mayRefuse = { push: words.failInApp, redirect: words.failAtProvider }[kind];
  if (mayRefuse) buttons.push(button(mayRefuse, () => send('simulate', { outcome: 'deny' }), 'secondary', 'simulate-deny'));
  return simulatorBox(words, buttons);
}

function deniedScreen() {
  const giveUp = button(words.giveUp, () => leave('error'), 'secondary', 'give-up');
  const again = button(words.tryOther, () => { screen = 'methods'; draw(); }, 'primary', 'try-other');
  if (denials >= MOST_DENIALS) setTimeout(() => leave('error'), LEAVE_MS);
  return outcome('bad', words.deniedTitle, words.deniedText, [again, giveUp]);
}

function showPaid() {
  render(head(), outcome('good', words.paidTitle, words.paidText, [button(words.toShop, () => leave('success'), 'primary', 'to-shop')]));
  const delay = query.get('autoCloseDelay');
  // autoCloseDelay counts seconds, and 0 keeps the page open until the payer leaves it.
  if (delay !== '0') setTimeout(() => leave('success'), Number(delay) > 0 ? Number(delay) * 1000 : LEAVE_MS);
}

function showReview() {
  render(head(), outcome('wait', words.reviewTitle, words.reviewText, [button(words.toShop, () => leave('pending'), 'primary', 'to-shop')]));
  setTimeout(() => leave('pending'), LEAVE_MS);
}

function showOver(title, text) {
  render(head(), outcome('bad', title, text, [button(words.toShop, () => leave(state.transaction ? 'error' : 'close'), 'primary', 'to-shop')]));
}

function showEnded() {
  const buttons = inPopup ? [button(words.toShop, () => leave('close'), 'primary', 'to-shop')] : [];
  render(outcome('bad', words.endedTitle, words.endedText, buttons));
}

function titled(key, text) {
  return el('h1', { class: 'titled' }, plate(key), el('span', {}, text));
}

function backButton() {
  return button(words.back, () => { screen = 'methods'; message = ''; draw(); }, 'secondary', 'back');
}

function switchLanguage(other) {
  language = other;
  words = WORDS[language];
  document.documentElement.lang = language;
  draw();
}

function leave(event, result = state?.result ?? null) {
  if (leaving) return;
  leaving = true;
  if (inPopup) {
    const finishUrl = state?.finish_url || '';
    return window.parent.postMessage({ event, result, finish_url: finishUrl }, shopOrigin);
  }
  const target = { close: state?.unfinish_url, error: state?.error_url || state?.finish_url }[event] ?? state?.finish_url;
  if (target) return window.location.assign(target);
  // Nowhere to go: the shop set no finish URL, so the last screen stays.
  leaving = event === 'success';
  return undefined;
}

function render(...parts) {
  renderInto(page, parts, words.sandboxNote);
}
