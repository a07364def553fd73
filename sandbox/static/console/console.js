// The console: polls the control API and draws what it says; every button is one call.
import { el, rupiah } from '../pay/dom.js';

const POLL_MS = 1500;
const ROWS = 50;
const GOOD = ['settlement', 'capture', 'PAID', 'SETTLED', 'SUCCEEDED', 'delivered'];
const BAD = ['deny', 'expire', 'cancel', 'chargeback', 'EXPIRED', 'FAILED', 'failed', 'dropped', 'canceled', 'expired', 'replaced'];
const WAIT = ['pending', 'open', 'PENDING', 'waiting', 'challenge'];

const byId = (id) => document.getElementById(id);
const drawn = new Map();
const openDetails = new Set();

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

async function addFault(event) {
  event.preventDefault();
  const form = new FormData(event.target);
  const rule = { match: { operation: form.get('operation'), order: form.get('order') }, effect: form.get('effect') };
  if (form.get('times')) rule.times = Number(form.get('times'));
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
    drawHead(state);
    drawTable('midtrans', [...state.tokens, ...state.transactions], midtransRows, 'No Snap token has been created yet.', 6);
    drawTable('xendit', state.invoices, xenditRows, 'No invoice has been created yet.', 6);
    drawTable('deliveries', sent.deliveries, deliveryRows, 'Nothing has been sent yet.', 10);
    drawTable('faults', faults.rules, faultRows, 'No fault: everything works.', 5);
  } catch {
    say('The sandbox does not answer. Is it still running?');
  }
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
function drawTable(id, data, toRows, emptyText, columns) {
  const print = JSON.stringify([data, [...openDetails]]);
  if (drawn.get(id) === print) return;
  drawn.set(id, print);
  const rows = data.flatMap(toRows);
  byId(id).replaceChildren(...(rows.length ? rows : [el('tr', {}, el('td', { class: 'empty', colspan: columns }, emptyText))]));
}

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
const chosenChannel = () => ({ channel: byId('channel').value });

function midtransRows(item) {
  return item.token && item.state ? tokenRow(item) : transactionRow(item);
}

function tokenRow(token) {
  const path = `midtrans/${encodeURIComponent(token.order_id)}`;
  const buttons = token.state !== 'open' ? [] : [
    actionButton('Pay', `${path}/pay`, chosenMethod, true), actionButton('Deny', `${path}/deny`, {}),
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
    settlement: () => [...(item.method === 'credit_card' ? [does('Chargeback', 'chargeback')] : []),
      ...(['permata_va', 'indomaret'].includes(item.method) ? [does('Reverse', 'reverse')] : [])],
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
    PENDING: () => [actionButton('Pay', `${path}/pay`, chosenChannel, true), actionButton('Expire', `${path}/expire`, {}), link('Page', item.invoice_url)],
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
  const toggle = el('button', { type: 'button', class: 'link', 'aria-expanded': String(openDetails.has(item.id)) }, String(item.id));
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
    el('td', {}, [rule.effect, rule.seconds ? ` ${rule.seconds} s` : '', rule.code ? ` ${rule.code}` : '']),
    el('td', {}, rule.times === null ? 'always' : String(rule.times)), el('td', { class: 'num' }, String(rule.hits)));
}
