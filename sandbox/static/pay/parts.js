// Parts that the Snap page and the Xendit page share.
import { el, grouped, copyButton, rupiah, countdownText } from './dom.js';

const LOGOS = {
  credit_card: ['CARD', 'card'], CREDIT_CARD: ['CARD', 'card'],
  gopay: ['gopay', 'gopay'], qris: ['QRIS', 'qris'], QRIS: ['QRIS', 'qris'],
  bca_va: ['BCA', 'bca'], BCA: ['BCA', 'bca'], permata_va: ['Permata', 'permata'],
  PERMATA: ['Permata', 'permata'], indomaret: ['Indomaret', 'indomaret'],
  INDOMARET: ['Indomaret', 'indomaret'], ALFAMART: ['Alfamart', 'alfamart'],
  OVO: ['OVO', 'ovo'], DANA: ['DANA', 'dana'], SHOPEEPAY: ['ShopeePay', 'shopee'],
  LINKAJA: ['LinkAja', 'linkaja'], BNI: ['BNI', 'bni'], BRI: ['BRI', 'bri'],
  MANDIRI: ['Mandiri', 'mandiri'], echannel: ['Mandiri', 'mandiri'], bni_va: ['BNI', 'bni'], bri_va: ['BRI', 'bri'],
  alfamart: ['Alfamart', 'alfamart'], ovo: ['OVO', 'ovo'], dana: ['DANA', 'dana'], shopeepay: ['ShopeePay', 'shopee'],
  cimb_va: ['CIMB', 'linkaja'], danamon_va: ['Danamon', 'bni'], bsi_va: ['BSI', 'gopay'], seabank_va: ['SeaBank', 'shopee'],
  saqu_va: ['Saqu', 'ovo'], akulaku: ['Akulaku', 'linkaja'], kredivo: ['Kredivo', 'dana'], cimb_clicks: ['OCTO', 'linkaja'],
  bri_epay: ['BRImo', 'bri'], bca_klikbca: ['KlikBCA', 'bca'], bca_klikpay: ['KlikPay', 'bca'],
  danamon_online: ['Danamon', 'bni'], uob_ezpay: ['UOB', 'mandiri'],
  GOPAY: ['gopay', 'gopay'], ASTRAPAY: ['AstraPay', 'dana'], JENIUSPAY: ['Jenius', 'bni'], BSI: ['BSI', 'gopay'], BJB: ['bjb', 'bri'],
  CIMB: ['CIMB', 'linkaja'], SAHABAT_SAMPOERNA: ['BSS', 'mandiri'], BNC: ['neo', 'bni'], MUAMALAT: ['Muamalat', 'indomaret'],
  DD_BRI: ['BRI', 'bri'], DD_MANDIRI: ['Mandiri', 'mandiri'], KREDIVO: ['Kredivo', 'dana'], AKULAKU: ['Akulaku', 'linkaja'],
  INDODANA: ['Indodana', 'indomaret'], ATOME: ['Atome', 'qris'],
};

/** The little plate that stands for a payment method (drawn here, no brand's artwork). */
export function plate(key) {
  const [text, tone] = LOGOS[key] ?? [key.slice(0, 6), 'card'];
  return el('span', { class: `plate plate-${tone}`, 'aria-hidden': 'true' }, text);
}

/** The head of the sheet: merchant, amount, order, remaining time. */
export function sheetHead({ merchant, amount, order, words, onClose, switcher }) {
  return el('header', { class: 'head' },
    el('div', { class: 'head-row' },
      el('span', { class: 'merchant' }, merchant),
      el('span', { class: 'head-tools' }, switcher,
        onClose && el('button', { type: 'button', class: 'close', 'aria-label': words.close, onclick: onClose }, '×'))),
    el('p', { class: 'amount', 'data-testid': 'amount' }, rupiah(amount)),
    el('p', { class: 'order' }, `${words.order} `, el('span', { 'data-testid': 'order' }, order)));
}

/** A line that counts down; it is refreshed by `tick()`. */
export function countdown(clock, iso, words) {
  const time = el('strong', { class: 'time', 'data-testid': 'countdown' });
  const line = el('p', { class: 'countdown' }, `${words.timeLeft} `, time);
  line.tick = () => { time.textContent = countdownText(clock.secondsUntil(iso), words.day); };
  line.tick();
  return line;
}

/** One row of the method list. */
export function methodRow(key, label, hint, onClick) {
  return el('li', {}, el('button', { type: 'button', class: 'method', 'data-testid': `method-${key}`, onclick: onClick },
    plate(key), el('span', { class: 'method-text' }, el('strong', {}, label), hint && el('small', {}, hint)),
    el('span', { class: 'chevron', 'aria-hidden': 'true' }, '›')));
}

/** A number to pay to, large, with a copy button. */
export function payNumber(label, number, words) {
  return el('div', { class: 'number-box' },
    el('span', { class: 'number-label' }, label),
    el('output', { class: 'number', 'data-testid': 'pay-number', 'data-number': number }, grouped(number)),
    copyButton(number, words));
}

/** The box that plays the other side; it says that only a sandbox has it. */
export function simulatorBox(words, buttons) {
  return el('section', { class: 'simulator', 'aria-label': words.simulatorTitle },
    el('p', {}, el('strong', {}, words.simulatorTitle), ' ', words.simulatorText),
    el('div', { class: 'buttons' }, buttons));
}

/** The card form; `onSubmit` gets {number, expiry, cvv}. */
export function cardForm(words, cards, buttonText, onSubmit) {
  const number = field('card-number', words.cardNumber, { inputmode: 'numeric', autocomplete: 'cc-number', maxlength: 23, placeholder: '4811 1111 1111 1114' });
  const expiry = field('card-expiry', words.cardExpiry, { inputmode: 'numeric', autocomplete: 'cc-exp', maxlength: 5, placeholder: 'MM/YY' });
  const cvv = field('card-cvv', words.cardCvv, { inputmode: 'numeric', autocomplete: 'cc-csc', maxlength: 4, placeholder: '123' });
  number.input.addEventListener('input', () => { number.input.value = grouped(number.input.value.replace(/\D/g, '').slice(0, 19)); });
  expiry.input.addEventListener('input', () => { expiry.input.value = expiry.input.value.replace(/\D/g, '').slice(0, 4).replace(/^(\d\d)(\d)/, '$1/$2'); });
  const form = el('form', { class: 'card-form', novalidate: true }, number.box,
    el('div', { class: 'pair' }, expiry.box, cvv.box),
    el('button', { type: 'submit', class: 'primary', 'data-testid': 'card-submit' }, buttonText),
    testCards(words, cards, (card) => fill(card)));

  function fill(card) {
    number.input.value = grouped(card);
    expiry.input.value = '12/39';
    cvv.input.value = '123';
  }

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const digits = number.input.value.replace(/\D/g, '');
    number.fail(digits.length < 13 ? words.cardNumberWrong : '');
    expiry.fail(/^(0[1-9]|1[0-2])\/\d\d$/.test(expiry.input.value) ? '' : words.cardExpiryWrong);
    cvv.fail(/^\d{3,4}$/.test(cvv.input.value) ? '' : words.cardCvvWrong);
    const wrong = form.querySelector('[aria-invalid="true"]');
    if (wrong) wrong.focus();
    else onSubmit({ number: digits, expiry: expiry.input.value, cvv: cvv.input.value });
  });
  return form;
}

function testCards(words, cards, onPick) {
  return el('details', { class: 'test-cards' }, el('summary', {}, words.testCards),
    el('ul', {}, cards.map(([number, label]) => el('li', {},
      el('button', { type: 'button', class: 'link', 'data-card': number, onclick: () => onPick(number) },
        el('code', {}, grouped(number)), el('span', {}, label))))));
}

/** A labelled input with its own error line. */
export function field(id, label, attributes) {
  const error = el('p', { class: 'field-error', id: `${id}-error`, role: 'alert' });
  const input = el('input', { id, name: id, 'data-testid': id, 'aria-describedby': `${id}-error`, ...attributes });
  const box = el('div', { class: 'field' }, el('label', { for: id }, label), input, error);
  const fail = (text) => {
    error.textContent = text;
    input.setAttribute('aria-invalid', text ? 'true' : 'false');
  };
  return { box, input, fail };
}

/** The last screen: a sign, a sentence, what to do next. */
export function outcome(tone, title, text, buttons = []) {
  const signs = { good: '✓', bad: '!', wait: '…' };
  return el('section', { class: 'outcome', role: 'status', 'data-testid': 'outcome', 'data-tone': tone },
    el('div', { class: `sign sign-${tone}`, 'aria-hidden': 'true' }, signs[tone]),
    el('h1', { tabindex: '-1' }, title), el('p', {}, text),
    el('div', { class: 'buttons' }, buttons));
}

/** A plain button. */
export function button(text, onClick, kind = 'primary', testId = null) {
  return el('button', { type: 'button', class: kind, onclick: onClick, 'data-testid': testId }, text);
}

/** Replace the page's content; the reader goes on at the new heading. */
export function renderInto(page, parts, note) {
  const hadFocus = page.contains(document.activeElement) || document.activeElement === document.body;
  page.replaceChildren(...parts.filter(Boolean), el('footer', {}, note));
  const heading = page.querySelector('h1');
  if (!heading || !hadFocus) return;
  heading.setAttribute('tabindex', '-1');
  heading.focus({ preventScroll: true });
}

/** The language switch. */
export function languageSwitch(language, onSwitch) {
  const other = language === 'id' ? 'en' : 'id';
  return el('button', { type: 'button', class: 'language', lang: other, 'data-testid': 'language', onclick: () => onSwitch(other) },
    other === 'en' ? 'English' : 'Indonesia');
}
