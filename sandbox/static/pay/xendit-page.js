// The hosted invoice page: channel list, number, QR, card, outcome.
import { el, call, rupiah, wib, ServerClock } from './dom.js';
import { button, cardForm, countdown, field, languageSwitch, methodRow, outcome, payNumber, plate, renderInto, sheetHead, simulatorBox } from './parts.js';
import { WORDS } from './words.js';

const POLL_MS = 2000;
const LEAVE_MS = 2200;
const KINDS = ['ewallet', 'qr', 'va', 'retail', 'card', 'direct_debit', 'paylater'];
const CARDS = [
  ['4000000000002503', 'Visa · 3DS'], ['4000000000001000', 'Visa ✓'],
  ['5200000000002151', 'Mastercard · 3DS'], ['5200000000001005', 'Mastercard ✓'],
];

const page = document.getElementById('page');
const base = document.body.dataset.base;
const clock = new ServerClock();

let language = document.documentElement.lang;
let words = WORDS[language];
let state = null;
let picked = null; // channel code
let card = null; // waiting for 3-D Secure
let message = '';
let ticking = [];
let leaving = false;

start();

async function start() {
  render(el('p', { class: 'loading' }, words.loading));
  if (document.body.dataset.known === 'no') return render(outcome('bad', words.endedTitle, words.endedText));
  setInterval(() => ticking.forEach((line) => line.tick()), 1000);
  setInterval(poll, POLL_MS);
  return load();
}

async function load() {
  try {
    accept(await call(`${base}/state`));
  } catch {
    render(outcome('bad', words.problem, '', [button(words.back, load)]));
  }
}

async function poll() {
  if (leaving || document.hidden || !state || state.status !== 'PENDING') return;
  const fresh = await call(`${base}/state`).catch(() => null);
  if (fresh && fresh.status !== state.status) accept(fresh);
}

function accept(fresh) {
  state = fresh;
  clock.set(state.now, state.clock_stands_still);
  message = '';
  draw();
}

async function send(path, body) {
  page.setAttribute('aria-busy', 'true');
  try {
    accept(await call(`${base}/${path}`, body));
  } catch (error) {
    refuse(error.message);
  } finally {
    page.removeAttribute('aria-busy');
  }
}

function refuse(code) {
  if (code === 'not_pending') { picked = null; load(); return; }
  if (code === 'needs_3ds') { draw(); return; }
  card = null;
  const known = { network: words.problem, card_number: words.cardNumberWrong };
  message = known[code] ?? words.declined + code;
  draw();
}

function draw() {
  ticking = [];
  if (state.status === 'PAID' || state.status === 'SETTLED') return showPaid();
  if (state.status === 'EXPIRED') return showExpired();
  const channel = state.channels.find((one) => one.code === picked);
  const screen = card ? threeDsScreen() : channel ? channelScreen(channel) : listScreen();
  return render(head(), message && el('p', { class: 'notice', role: 'alert' }, message), screen);
}

function head() {
  const bar = sheetHead({ merchant: state.merchant, amount: state.amount, order: state.external_id, words,
    onClose: null, switcher: languageSwitch(language, switchLanguage) });
  if (state.status === 'PENDING') {
    const line = countdown(clock, state.expires, words);
    ticking.push(line);
    bar.append(line);
  }
  return bar;
}

function listScreen() {
  const groups = KINDS.map((kind) => {
    const channels = state.channels.filter((channel) => channel.kind === kind);
    return channels.length ? [el('h2', { class: 'group-title' }, words.groups[kind]),
      el('ul', { class: 'methods' }, channels.map((channel) =>
        methodRow(channel.code, labelOf(channel), null, () => pick(channel.code))))] : [];
  });
  return el('section', { class: 'body' }, details(), el('h1', {}, words.chooseMethod), groups.flat());
}

function details() {
  if (!state.items.length && !state.description) return null;
  return el('details', { class: 'details' }, el('summary', {}, words.details),
    state.description ? el('p', { class: 'before' }, state.description) : null,
    el('ul', {}, state.items.map((item) => el('li', {}, el('span', {}, `${item.name} × ${item.quantity}`),
      el('span', {}, rupiah(item.price * item.quantity))))));
}

function labelOf(channel) {
  return channel.kind === 'card' ? words.groups.card : channel.label;
}

function pick(code) {
  picked = code;
  message = '';
  send('pick', { channel: code });
}

function channelScreen(channel) {
  const bodies = { va: numberBody, retail: numberBody, qr: qrBody, ewallet: walletBody, card: cardBody, direct_debit: walletBody, paylater: walletBody };
  return el('section', { class: 'body' }, el('h1', { class: 'titled' }, plate(channel.code), el('span', {}, labelOf(channel))),
    bodies[channel.kind](channel), button(words.changeMethod, () => { picked = null; message = ''; draw(); }, 'secondary', 'back'));
}

function numberBody(channel) {
  const isBank = channel.kind === 'va';
  const number = state.numbers[channel.code];
  if (!number) return [el('p', { class: 'loading' }, words.loading)];
  return [payNumber(isBank ? words.vaNumber : words.payCode, number, words),
    el('p', { class: 'before' }, `${words.payBefore} `, el('strong', {}, wib(state.expires, language))),
    steps(isBank ? words.vaSteps : words.codeSteps),
    simulator(channel.code, isBank ? words.payAtBank : words.payAtStore)];
}

function qrBody(channel) {
  return [el('img', { class: 'qr', src: `${base}/qr.svg`, alt: words.qrAlt, width: 220, height: 220 }),
    steps(words.qrSteps), simulator(channel.code, words.scanAndPay)];
}

function walletBody(channel) {
  if (channel.code !== 'OVO') return [steps(words.walletSteps), simulator(channel.code, words.payInApp)];
  const phone = field('phone', words.phone, { type: 'tel', inputmode: 'tel', autocomplete: 'tel', placeholder: '08123456789' });
  const pay = () => {
    const right = /^(\+62|0)8\d{7,12}$/.test(phone.input.value.replace(/[\s-]/g, ''));
    phone.fail(right ? '' : words.phoneWrong);
    if (right) send('pay', { channel: 'OVO' });
  };
  return [phone.box, simulatorBox(words, [button(words.payInApp, pay, 'primary', 'simulate-pay'), failButton()])];
}

function cardBody() {
  return [cardForm(words, CARDS, `${words.pay} ${rupiah(state.amount)}`, (given) => payByCard(given))];
}

function payByCard(given) {
  const challenged = given.number === '4000000000002503' || given.number === '5200000000002151';
  card = challenged && !given.verified ? given : null;
  send('pay', { channel: 'CREDIT_CARD', card: given });
}

function threeDsScreen() {
  const given = card;
  const decide = (verified) => {
    card = null;
    if (verified) payByCard({ ...given, verified: true });
    else { message = words.cardRefused; draw(); }
  };
  return el('section', { class: 'body' }, el('h1', {}, words.otpTitle), simulatorBox(words, [
    button(words.approve3ds, () => decide(true), 'primary', 'approve-3ds'),
    button(words.decline3ds, () => decide(false), 'secondary', 'decline-3ds')]));
}

function steps(lines) {
  return el('details', { class: 'details' }, el('summary', {}, words.howTo), el('ol', {}, lines.map((line) => el('li', {}, line))));
}

function simulator(code, text) {
  const buttons = [button(text, () => send('pay', { channel: code }), 'primary', 'simulate-pay')];
  const kind = state.channels.find((channel) => channel.code === code).kind;
  if (!['va', 'retail'].includes(kind)) buttons.push(failButton());
  return simulatorBox(words, buttons);
}

// A failed attempt changes nothing at Xendit: the payer stays and may try again.
function failButton() {
  return button(words.failInApp, () => { message = words.deniedText; draw(); }, 'secondary', 'simulate-fail');
}

function showPaid() {
  const buttons = state.success_url ? [button(words.toShop, () => leave(state.success_url), 'primary', 'to-shop')] : [];
  render(head(), outcome('good', words.paidTitle, words.paidText, buttons));
  if (state.success_url) setTimeout(() => leave(state.success_url), LEAVE_MS);
}

function showExpired() {
  const buttons = state.failure_url ? [button(words.toShop, () => leave(state.failure_url), 'primary', 'to-shop')] : [];
  render(head(), outcome('bad', words.expiredTitle, words.expiredText, buttons));
}

function switchLanguage(other) {
  language = other;
  words = WORDS[language];
  document.documentElement.lang = language;
  draw();
}

function leave(url) {
  if (leaving) return;
  leaving = true;
  window.location.assign(url);
}

function render(...parts) {
  renderInto(page, parts, words.sandboxNote);
}
