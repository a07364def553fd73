// Tells the shop's page, in whose frame or window the bank's page ran, how 3-D Secure ended.
const told = JSON.parse(document.body.dataset.result);
const listener = window.parent !== window ? window.parent : window.opener;
// Any shop may listen: the result has no secret, and proves nothing to anybody.
if (told && listener) listener.postMessage({ midtrans3ds: told }, '*');
