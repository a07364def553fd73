// The console: polls the control API and draws what it says; every button is one call.
import { el, rupiah } from '../pay/dom.js';

const POLL_MS = 1500;
const ROWS = 200;
const SHOWN = 50;
const GOOD = ['settlement', 'capture', 'PAID', 'SETTLED', 'SUCCEEDED', 'delivered'];
const BAD = ['deny', 'expire', 'cancel', 'chargeback', 'EXPIRED', 'FAILED', 'failed', 'dropped', 'canceled', 'expired', 'replaced'];
const WAIT = ['pending', 'open', 'PENDING', 'waiting', 'challenge'];

const byId = (id) => document.getElementById(id);
const drawn = new Map();
const openDetails = new Set();
let latest = null;
let silent = false;

start();

function start() {
  for (const code of document.querySelectorAll('[data-path]')) code.textContent = window.location.origin + code.dataset.path;
  for (const button of document.querySelectorAll('[data-advance]')) {
    button.addEventListener('click', () => act(button, 'POST', 'clock', { advance_s: Number(button.dataset.advance) }));
  }
  for (const button of document.querySelectorAll('[data-test]')) {
    button.addEventListener('click', () => act(button, 'POST', 'deliveries/test', { gateway: button.dataset.test }));
  }
  for (const gateway of ['midtrans', 'xendit']) {
    const box = byId(`notify-${gateway}`);
    box.addEventListener('change', () => act(box, 'PUT', 'notifications', { [gateway]: box.checked }));
  }
  byId('flush').addEventListener('click', (event) => act(event.target, 'POST', 'flush'));
  byId('clear-faults').addEventListener('click', (event) => act(event.target, 'PUT', 'faults', { rules: [] }));
  byId('fault-form').addEventListener('submit', addFault);
  byId('advance-form').addEventListener('submit', advance);
  byId('reset').addEventListener('click', forgetEverything);
  byId('find').addEventListener('input', draw);
  byId('channel').addEventListener('change', showPayerFields);
  showPayerFields();
  refresh();
  setInterval(() => { if (!document.hidden) refresh(); }, POLL_MS);
}

async function request(method, path, body) {
  const response = await fetch(`/_sandbox/${path}`, {
    method, cache: 'no-store',
    ...(body === undefined ? {} : { headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) }),
  });
  const answer = await response.json();
  if (!response.ok) throw new Error(answer.error ?? `HTTP ${response.status}`);
  return answer;
}

async function act(control, method, path, body) {
  control.disabled = true;
  try {
    await request(method, path, body);
    say('');
  } catch (error) {
    say(error.message);
  } finally {
    control.disabled = false;
    await refresh();
  }
}

function say(text) {
  byId('problem').textContent = text;
  byId('problem').hidden = !text;
}

function advance(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  act(event.submitter, 'POST', 'clock', { advance_s: Number(form.get('count')) * Number(form.get('unit')) });
}

// Asks by a second press, where it stands: a dialog would stop the page.
function forgetEverything(event) {
  const button = event.target;
  if (button.dataset.asked) {
    delete button.dataset.asked;
    button.textContent = 'Forget everything';
    act(button, 'POST', 'reset');
    return;
  }
  button.dataset.asked = 'yes';
  button.textContent = 'Really? Press again';
  setTimeout(() => { delete button.dataset.asked; button.textContent = 'Forget everything'; }, 4000);
}

function showPayerFields() {
  byId('issuer-box').hidden = byId('channel').value !== 'QRIS';
  byId('linked-box').hidden = byId('channel').value !== 'OVO';
}

async function addFault(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  const rule = { match: { operation: form.get('operation'), order: form.get('order') }, effect: form.get('effect') };
  if (form.get('times')) rule.times = Number(form.get('times'));
  if (form.get('chance')) rule.chance = Number(form.get('chance'));
  if (form.get('seconds')) rule.seconds = Number(form.get('seconds'));
  if (form.get('code')) rule.code = form.get('code');
  const { rules } = await request('GET', 'faults');
  await act(event.submitter, 'PUT', 'faults', { rules: [...rules, rule] });
}

async function refresh() {
  try {
    const [state, sent, faults] = await Promise.all([
      request('GET', `state?limit=${ROWS}`), request('GET', `deliveries?limit=${ROWS}`), request('GET', 'faults'),
    ]);
    latest = { state, deliveries: sent.deliveries, rules: faults.rules };
    if (silent) say('');
    silent = false;
  } catch {
    silent = true;
    say('The sandbox does not answer. Is it still running?');
    return;
  }
  draw();
}

function draw() {
  if (!latest) return;
  const { state, deliveries, rules } = latest;
  drawHead(state);
  const found = [
    drawTable('midtrans', [...state.tokens, ...state.transactions], midtransRows, 'No Midtrans order yet.'),
    drawTable('xendit', state.invoices, xenditRows, 'No invoice yet.'),
    drawTable('deliveries', deliveries, deliveryRows, 'Nothing has been sent yet.'),
  ];
  drawTable('faults', rules.map((rule, index) => ({ ...rule, index })), faultRows, 'No fault: everything works.', false);
  byId('found').textContent = wanted() ? `${found[0] + found[1]} payments, ${found[2]} deliveries among the newest ${ROWS}` : '';
}

function drawHead(state) {
  const still = state.clock_stands_still ? ' · stands still' : '';
  byId('clock').textContent = `${wibTime(state.now, true)} WIB${still}`;
  byId('total-transactions').textContent = state.totals.transactions;
  byId('total-invoices').textContent = state.totals.invoices;
  byId('total-waiting').textContent = state.totals.deliveries.waiting;
  byId('total-failed').textContent = state.totals.deliveries.failed;
  for (const [gateway, on] of Object.entries(state.notifications)) {
    const box = byId(`notify-${gateway}`);
    if (!box.disabled) box.checked = on;
  }
}

// Redraws a table only when its data changed, so that focus and selection survive.
function drawTable(id, data, toRows, emptyText, searched = true) {
  const matching = searched && wanted() ? data.filter((item) => JSON.stringify(item).toLowerCase().includes(wanted())) : data;
  const shown = matching.slice(0, SHOWN);
  const print = JSON.stringify([shown, [...openDetails], wanted()]);
  if (drawn.get(id) === print) return matching.length;
  drawn.set(id, print);
  const heads = [...byId(id).closest('table').querySelectorAll('th')].map((head) => head.textContent);
  const rows = shown.flatMap(toRows);
  // On a narrow screen each row becomes a card, and each cell says what it is.
  for (const line of rows) [...line.children].forEach((cell, index) => { if (heads[index] && cell.colSpan === 1) cell.dataset.label = heads[index]; });
  const empty = el('tr', {}, el('td', { class: 'empty', colspan: heads.length }, wanted() && searched ? 'Nothing found.' : emptyText));
  byId(id).replaceChildren(...(rows.length ? rows : [empty]));
  return matching.length;
}

const wanted = () => byId('find').value.trim().toLowerCase();

function wibTime(iso, full = false) {
  const options = { timeZone: 'Asia/Jakarta', day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit', hour12: false };
  return new Intl.DateTimeFormat('en-GB', full ? { ...options, year: 'numeric', weekday: 'short' } : options).format(new Date(iso));
}

function badge(text) {
  const tone = GOOD.includes(text) ? 'good' : BAD.includes(text) ? 'bad' : WAIT.includes(text) ? 'wait' : 'info';
  return el('span', { class: `badge badge-${tone}` }, text);
}

function actionButton(label, path, body, strong = false) {
  const button = el('button', { type: 'button', class: strong ? 'strong' : null }, label);
  button.addEventListener('click', () => act(button, 'POST', path, typeof body === 'function' ? body() : body));
  return button;
}

function link(label, url) {
  return el('a', { class: 'button', href: url, target: '_blank', rel: 'noopener' }, label);
}

const chosenMethod = () => ({ payment_type: byId('method').value });
const chosenChannel = () => ({ channel: byId('channel').value, issuer: byId('issuer').value, linked: byId('linked').checked });

function midtransRows(item) {
  return item.token && item.state ? tokenRow(item) : transactionRow(item);
}

function tokenRow(token) {
  const path = `midtrans/${encodeURIComponent(token.order_id)}`;
  const buttons = token.state !== 'open' ? [] : [
    actionButton('Pay', `${path}/pay`, chosenMethod, true),
    actionButton('Choose only', `${path}/pay`, () => ({ ...chosenMethod(), outcome: 'pending' })), actionButton('Deny', `${path}/deny`, {}),
    actionButton('Challenge', `${path}/challenge`, {}), actionButton('Expire', `${path}/expire`, {}),
    link('Page', token.redirect_url)];
  return row(token.created, token.order_id, token.gross_amount, 'not chosen yet', badge(token.state), buttons);
}

function transactionRow(item) {
  const path = `midtrans/${encodeURIComponent(item.transaction_id)}`;
  const does = (label, action, body = {}, strong = false) => actionButton(label, `${path}/${action}`, body, strong);
  const challenged = item.transaction_status === 'capture' && item.fraud_status === 'challenge';
  const sets = {
    pending: () => [does('Pay', 'pay', {}, true), does('Deny', 'deny'), does('Cancel', 'cancel'), does('Expire', 'expire')],
    capture: () => (challenged ? [does('Approve', 'approve', {}, true), does('Deny', 'deny')]
      : [does('Settle now', 'settle', {}, true), does('Cancel', 'cancel'), does('Chargeback', 'chargeback')]),
    settlement: () => [...(item.is_card ? [does('Chargeback', 'chargeback')] : []), ...(item.can_reverse ? [does('Reverse', 'reverse')] : [])],
    expire: () => [does('Pay late', 'pay', { late: true })],
  };
  const time = `${item.transaction_time.replace(' ', 'T')}+07:00`;
  const note = item.refund_amount ? el('span', { class: 'sub' }, `${rupiah(Number(item.refund_amount))} refunded`) : null;
  const state = [badge(challenged ? 'challenge' : item.transaction_status), note];
  return row(time, item.order_id, Number(item.gross_amount), methodText(item.method, item.pay_number), state, (sets[item.transaction_status] ?? (() => []))());
}

function methodText(method, number) {
  return [method, number ? el('span', { class: 'sub' }, number) : null];
}

function xenditRows(item) {
  const path = `xendit/${item.id}`;
  const sets = {
    PENDING: () => [actionButton('Pay', `${path}/pay`, chosenChannel, true), actionButton('Pick only', `${path}/pick`, chosenChannel),
      actionButton('Fail', `${path}/deny`, chosenChannel), actionButton('Expire', `${path}/expire`, {}), link('Page', item.invoice_url)],
    PAID: () => [actionButton('Settle now', `${path}/settle`, {})],
    EXPIRED: () => [actionButton('Pay late', `${path}/pay`, () => ({ ...chosenChannel(), late: true }))],
    SETTLED: () => [],
  };
  const refunds = item.refunds.map((refund) => el('span', { class: 'sub' }, `${rupiah(refund.amount)} refund ${refund.status}`));
  const number = item.payment_destination ?? Object.values(item.numbers)[0];
  return row(item.created, item.external_id, item.amount, methodText(item.payment_channel ?? '–', number), [badge(item.status), ...refunds], sets[item.status]());
}

function row(time, order, amount, method, state, buttons) {
  return el('tr', {}, el('td', { class: 'faint' }, wibTime(time)), el('td', { class: 'order', title: order }, order),
    el('td', { class: 'num' }, rupiah(amount)), el('td', {}, method), el('td', {}, state),
    el('td', {}, el('div', { class: 'actions' }, buttons)));
}

function deliveryRows(item) {
  const last = item.attempts.at(-1);
  const answer = last ? (last.status ?? last.answer) : item.note || '–';
  const toggle = el('button', { type: 'button', class: 'link', 'aria-label': `Delivery ${item.id}`, 'aria-expanded': String(openDetails.has(item.id)) },
    `${item.id} ${openDetails.has(item.id) ? '▾' : '▸'}`);
  toggle.addEventListener('click', () => { openDetails.has(item.id) ? openDetails.delete(item.id) : openDetails.add(item.id); refresh(); });
  const line = el('tr', {}, el('td', {}, toggle), el('td', { class: 'faint' }, wibTime(item.created_at)), el('td', {}, item.gateway),
    el('td', { class: 'order', title: item.reference }, item.reference), el('td', {}, item.event), el('td', {}, badge(item.state)),
    el('td', {}, String(answer)), el('td', { class: 'num' }, String(item.attempts.length)),
    el('td', { class: 'faint' }, item.next_at && item.attempts.length ? wibTime(item.next_at) : ''),
    el('td', {}, item.url ? actionButton('Resend', `deliveries/${item.id}/resend`) : ''));
  return openDetails.has(item.id) ? [line, deliveryDetail(item)] : [line];
}

function deliveryDetail(item) {
  const sent = `POST ${item.url ?? '(no address)'}\n${Object.entries(item.headers).map(([name, value]) => `${name}: ${value}`).join('\n')}\n\n${JSON.stringify(JSON.parse(item.body), null, 2)}`;
  const answers = item.attempts.map((attempt) => `${wibTime(attempt.at)}  ${attempt.status ?? 'no answer'}  ${attempt.took_ms} ms${attempt.manual ? '  (by hand)' : ''}\n${attempt.answer}`).join('\n\n');
  return el('tr', { class: 'detail' }, el('td', { colspan: 10 }, item.note ? el('p', {}, item.note) : null, el('div', { class: 'detail-grid' },
    el('div', {}, el('strong', {}, 'Request'), el('pre', {}, sent)), el('div', {}, el('strong', {}, 'Answers'), el('pre', {}, answers || 'none yet')))));
}

function faultRows(rule) {
  return el('tr', {}, el('td', {}, el('code', {}, rule.match.operation)), el('td', {}, el('code', {}, rule.match.order)),
    el('td', {}, [rule.effect, rule.seconds ? ` ${rule.seconds} s` : '', rule.code ? ` ${rule.code}` : '', rule.chance < 1 ? `, chance ${rule.chance}` : '']),
    el('td', {}, rule.times === null ? 'always' : String(rule.times)), el('td', { class: 'num' }, String(rule.hits)), el('td', {}, liftButton(rule)));
}

function liftButton(lifted) {
  const button = el('button', { type: 'button' }, 'Lift');
  button.addEventListener('click', () => act(button, 'PUT', 'faults', { rules: latest.rules.filter((_, index) => index !== lifted.index) }));
  return button;
}
