/*
 * midtrans-new-3ds.min.js of the sandbox: window.MidtransNew3ds with getCardToken,
 * authenticate and redirect, for card forms on a shop's own page.
 *
 * Works on pages with a strict Content-Security-Policy that allow scripts from the sandbox.
 */
(function () {
  'use strict';

  var script = document.currentScript || document.getElementById('midtrans-script');
  var base = new URL(script ? script.src : window.location.href);
  var API = base.origin + base.pathname.replace(/\/assets\/js\/[^/]*$/, '');
  var CLIENT_KEY = script ? script.getAttribute('data-client-key') || '' : '';
  var calls = 0;

  function tell(callback, response) {
    if (typeof callback === 'function') callback(response);
  }

  function outcomeOf(response) {
    return { 200: 'onSuccess', 201: 'onPending' }[response.status_code] || 'onFailure';
  }

  function getCardToken(card, options) {
    var name = 'callback' + (calls += 1);
    var query = new URLSearchParams({ client_key: CLIENT_KEY, callback: 'MidtransNew3ds.' + name });
    Object.keys(card).forEach(function (key) { query.set(key, String(card[key])); });
    var request = document.createElement('script');
    window.MidtransNew3ds[name] = function (response) {
      delete window.MidtransNew3ds[name];
      request.remove();
      tell(options[response.status_code === '200' ? 'onSuccess' : 'onFailure'], response);
    };
    request.onerror = function () {
      tell(options.onFailure, { status_code: '500', status_message: 'The sandbox did not answer' });
    };
    request.src = API + '/token?' + query.toString();
    document.head.appendChild(request);
  }

  function authenticate(redirectUrl, options) {
    window.addEventListener('message', function listen(event) {
      if (event.origin !== base.origin || !event.data || !event.data.midtrans3ds) return;
      window.removeEventListener('message', listen);
      tell(options[outcomeOf(event.data.midtrans3ds)], event.data.midtrans3ds);
    });
    tell(options.performAuthentication, redirectUrl);
  }

  function redirect(redirectUrl, options) {
    var target = new URL(redirectUrl);
    if (options && options.callbackUrl) target.searchParams.set('callback_url', options.callbackUrl);
    window.location.assign(target);
  }

  window.MidtransNew3ds = { getCardToken: getCardToken, authenticate: authenticate, redirect: redirect };
})();
