/*
 * snap.js of the sandbox: window.snap with pay, embed, show and hide.
 *
 * Works on pages with a strict Content-Security-Policy: nothing inline is injected, all
 * styles are set through element.style. Only messages from our own frame and our own
 * origin are believed.
 */
(function () {
  'use strict';

  var script = document.currentScript || document.querySelector('script[data-client-key]');
  var base = new URL(script ? script.src : window.location.href);
  var ORIGIN = base.origin;
  var PAGE = ORIGIN + base.pathname.replace(/\/snap\.js$/, '') + '/v2/vtweb/';
  var CLIENT_KEY = script ? script.getAttribute('data-client-key') || '' : '';
  var NARROW = '(max-width: 520px), (max-height: 560px)';
  // The options that redirect mode takes in the address of the page, too.
  var PASSED_ON = ['language', 'selectedPaymentType', 'uiMode', 'gopayMode', 'autoCloseDelay', 'enabledPayments'];
  var CALLBACKS = { success: 'onSuccess', pending: 'onPending', error: 'onError', close: 'onClose' };

  var open = null; // { frame, overlay, options, restoreScroll }
  var loading = null;

  function style(element, rules) {
    Object.keys(rules).forEach(function (name) {
      element.style.setProperty(name, rules[name]);
    });
    return element;
  }

  function pageUrl(token, options) {
    var query = new URLSearchParams({ popup: '1', origin: window.location.origin });
    if (CLIENT_KEY) query.set('client_key', CLIENT_KEY);
    PASSED_ON.forEach(function (name) {
      // An array becomes a list with commas; 0 seconds of autoCloseDelay mean something.
      if (options[name] !== undefined && options[name] !== null) query.set(name, String(options[name]));
    });
    return PAGE + encodeURIComponent(token) + '?' + query.toString();
  }

  function newFrame(token, options) {
    var frame = document.createElement('iframe');
    frame.src = pageUrl(token, options);
    frame.title = 'Pembayaran / Payment';
    frame.setAttribute('allow', 'clipboard-write');
    frame.id = 'snap-midtrans';
    return style(frame, { border: '0', background: '#fff', display: 'block' });
  }

  function newOverlay() {
    return style(document.createElement('div'), {
      position: 'fixed', inset: '0', 'z-index': '2147483000', display: 'flex',
      'align-items': 'center', 'justify-content': 'center', background: 'rgba(16, 24, 40, .55)',
    });
  }

  function fit(frame) {
    var narrow = window.matchMedia(NARROW).matches;
    style(frame, narrow
      ? { width: '100%', height: '100%', 'border-radius': '0', 'box-shadow': 'none' }
      : { width: '420px', height: 'min(680px, calc(100vh - 48px))', 'border-radius': '16px',
          'box-shadow': '0 24px 64px rgba(16, 24, 40, .35)' });
  }

  function lockScroll() {
    var before = document.documentElement.style.overflow;
    document.documentElement.style.overflow = 'hidden';
    return function () { document.documentElement.style.overflow = before; };
  }

  function refuseIfBusy() {
    if (open) throw new Error('snap: a payment page is already open');
  }

  function checkToken(token) {
    if (typeof token !== 'string' || !token) throw new Error('snap: a transaction token is needed');
  }

  function pay(token, options) {
    checkToken(token);
    refuseIfBusy();
    hide();
    var settings = options || {};
    var frame = newFrame(token, settings);
    var overlay = newOverlay();
    var opener = document.activeElement;
    overlay.setAttribute('role', 'dialog');
    overlay.setAttribute('aria-modal', 'true');
    overlay.appendChild(frame);
    document.body.appendChild(overlay);
    fit(frame);
    frame.addEventListener('load', function () { frame.focus(); });
    open = { frame: frame, overlay: overlay, options: settings, opener: opener,
             restoreScroll: lockScroll() };
  }

  function embed(token, options) {
    checkToken(token);
    refuseIfBusy();
    var settings = options || {};
    var place = document.getElementById(settings.embedId || 'snap-container');
    if (!place) throw new Error('snap: there is no element with the id embedId');
    var frame = style(newFrame(token, settings), {
      width: '100%', height: '100%', 'min-width': '320px', 'min-height': '560px',
    });
    place.appendChild(frame);
    open = { frame: frame, overlay: frame, options: settings, restoreScroll: function () {} };
  }

  function show() {
    if (loading || open) return;
    loading = newOverlay();
    var sign = style(document.createElement('div'), {
      width: '44px', height: '44px', 'border-radius': '50%', border: '4px solid #ffffff55',
      'border-top-color': '#fff',
    });
    loading.setAttribute('role', 'status');
    loading.setAttribute('aria-label', 'Memuat…');
    loading.appendChild(sign);
    document.body.appendChild(loading);
    if (sign.animate && !window.matchMedia('(prefers-reduced-motion: reduce)').matches) {
      sign.animate([{ transform: 'rotate(0)' }, { transform: 'rotate(360deg)' }],
        { duration: 900, iterations: Infinity });
    }
  }

  function removeLoading() {
    if (loading) loading.remove();
    loading = null;
  }

  function removeOpen() {
    var closed = open;
    open = null;
    if (!closed) return null;
    closed.overlay.remove();
    closed.restoreScroll();
    if (closed.opener && closed.opener.focus) closed.opener.focus();
    return closed;
  }

  function hide() {
    removeLoading();
    removeOpen();
  }

  function finish(message) {
    var closed = removeOpen();
    var callback = closed && closed.options[CALLBACKS[message.event]];
    if (typeof callback === 'function') {
      if (message.event === 'close') callback();
      else callback(message.result);
    } else if (message.event !== 'close' && message.finish_url) {
      // Without a callback the browser goes to the finish URL.
      window.location.assign(message.finish_url);
    }
  }

  window.addEventListener('message', function (event) {
    if (event.origin !== ORIGIN || !open || event.source !== open.frame.contentWindow) return;
    if (event.data && CALLBACKS[event.data.event]) finish(event.data);
  });
  window.addEventListener('resize', function () {
    if (open && open.overlay !== open.frame) fit(open.frame);
  });

  window.snap = { pay: pay, embed: embed, show: show, hide: hide };
})();
