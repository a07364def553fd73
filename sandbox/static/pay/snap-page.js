// The Snap payment page: method list, card and 3-D Secure, VA, pay code, QR, outcome.
import { el, call, rupiah, wib, ServerClock } from './dom.js';
import { button, cardForm, countdown, field, languageSwitch, methodRow, outcome, payNumber, plate, renderInto, sheetHead, simulatorBox } from './parts.js';
import { WORDS } from './words.js';

const POLL_MS = 2000;
const LEAVE_MS = 1800;
const MOST_DENIALS = 3;
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
let screen = 'methods'; // methods | card | otp | bank | waiting | denied
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
  const wanted = query.get('method');
  if (screen === 'methods' && wanted && state?.methods.some((method) => method.key === wanted)) choose(wanted);
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
  if (leaving || document.hidden || !state || ['card', 'otp'].includes(screen)) return;
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
    if (['already_paid', 'page_ended', 'not_waiting'].includes(error.message)) return load();
    message = { card_number: words.cardNumberWrong, otp: words.otpWrong }[error.message] ?? words.problem;
    draw();
  } finally {
    page.removeAttribute('aria-busy');
  }
}

function choose(key) {
  const method = state.methods.find((one) => one.key === key);
  if (method.kind === 'card') { screen = 'card'; message = ''; return draw(); }
  const mode = query.get('ui') ?? 'auto';
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
  const screens = { methods: methodScreen, card: cardScreen, otp: otpScreen, waiting: waitingScreen, bank: bankScreen, denied: deniedScreen };
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

function methodScreen() {
  const hints = { card: words.cardHint, va: words.vaHint, code: words.codeHint, qr: words.qrHint, wallet: words.walletHint };
  return el('section', { class: 'body' }, orderDetails(), el('h1', {}, words.chooseMethod),
    el('ul', { class: 'methods' }, state.methods.map((method) =>
      methodRow(method.key, method.label[language], hints[method.kind], () => choose(method.key)))));
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
  const { key, kind, number, expires } = state.transaction;
  const steps = { va: words.vaSteps, code: words.codeSteps, qr: words.qrSteps, wallet: words.walletSteps }[kind];
  return el('section', { class: 'body' }, titled(key, state.transaction.label[language]),
    kind === 'qr' && el('img', { class: 'qr', src: `${base}/qr.svg?${state.transaction.id}`, alt: words.qrAlt, width: 200, height: 200 }) || null,
    number && payNumber(kind === 'va' ? words.vaNumber : words.payCode, number, words),
    el('p', { class: 'before' }, `${words.payBefore} `, el('strong', {}, wib(expires, language))),
    el('details', { class: 'details' }, el('summary', {}, words.howTo), el('ol', {}, steps.map((step) => el('li', {}, step)))),
    simulator(kind), button(words.later, () => leave('pending'), 'secondary', 'pay-later'));
}

function bankScreen() {
  return outcome('wait', words.bankTitle, words.bankText, [button(words.later, () => leave('pending'), 'secondary', 'pay-later')]);
}

function simulator(kind) {
  const label = { va: words.payAtBank, code: words.payAtStore, qr: words.scanAndPay, wallet: words.payInApp }[kind];
  return simulatorBox(words, [button(label, () => send('simulate', { outcome: 'pay' }), 'primary', 'simulate-pay')]);
}

function deniedScreen() {
  const giveUp = button(words.giveUp, () => leave('error'), 'secondary', 'give-up');
  const again = button(words.tryOther, () => { screen = 'methods'; draw(); }, 'primary', 'try-other');
  if (denials >= MOST_DENIALS) setTimeout(() => leave('error'), LEAVE_MS);
  return outcome('bad', words.deniedTitle, words.deniedText, [again, giveUp]);
}

function showPaid() {
  render(head(), outcome('good', words.paidTitle, words.paidText, [button(words.toShop, () => leave('success'), 'primary', 'to-shop')]));
  setTimeout(() => leave('success'), LEAVE_MS);
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

function leave(event) {
  if (leaving) return;
  leaving = true;
  if (inPopup) {
    const finishUrl = state?.finish_url || '';
    return window.parent.postMessage({ event, result: state?.result ?? null, finish_url: finishUrl }, shopOrigin);
  }
  const target = event === 'close' ? state?.unfinish_url : state?.finish_url;
  if (target) return window.location.assign(target);
  // Nowhere to go: the shop set no finish URL, so the last screen stays.
  leaving = event === 'success';
  return undefined;
}

function render(...parts) {
  renderInto(page, parts, words.sandboxNote);
}
