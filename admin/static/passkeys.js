// Forms that a passkey answers: ask the server for a question, let the browser answer it, and send
// the answer with the form. Without passkeys in the browser the forms stay hidden.
"use strict";

const questionUrl = document.currentScript.dataset.question;

function toBytes(text) {
  const plain = atob(text.replaceAll("-", "+").replaceAll("_", "/"));
  return Uint8Array.from(plain, (character) => character.charCodeAt(0));
}

function toText(bytes) {
  const plain = String.fromCharCode(...new Uint8Array(bytes));
  return btoa(plain).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function withBytes(credentials) {
  return (credentials ?? []).map((one) => ({ ...one, id: toBytes(one.id) }));
}

async function askServer(form, kind) {
  const body = new FormData();
  body.set("csrf_token", form.elements.csrf_token.value);
  body.set("for", kind);
  const answer = await fetch(questionUrl, { method: "POST", body, redirect: "error" });
  if (!answer.ok) throw new Error(`no question: ${answer.status}`);
  return answer.json();
}

async function make(form) {
  const question = await askServer(form, "make");
  const made = await navigator.credentials.create({
    publicKey: {
      ...question,
      challenge: toBytes(question.challenge),
      user: { ...question.user, id: toBytes(question.user.id) },
      excludeCredentials: withBytes(question.excludeCredentials),
    },
  });
  return describe(made, { attestationObject: toText(made.response.attestationObject) });
}

async function prove(form) {
  const question = await askServer(form, "prove");
  const proof = await navigator.credentials.get({
    publicKey: {
      ...question,
      challenge: toBytes(question.challenge),
      allowCredentials: withBytes(question.allowCredentials),
    },
  });
  const { authenticatorData, signature, userHandle } = proof.response;
  return describe(proof, {
    authenticatorData: toText(authenticatorData),
    signature: toText(signature),
    userHandle: userHandle ? toText(userHandle) : undefined,
  });
}

function describe(credential, response) {
  return JSON.stringify({
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    clientExtensionResults: {},
    response: { clientDataJSON: toText(credential.response.clientDataJSON), ...response },
  });
}

async function answerThenSend(form) {
  const words = form.querySelector("[data-passkey-error]");
  words.hidden = true;
  try {
    const answer = form.dataset.passkey === "make" ? await make(form) : await prove(form);
    form.elements[form.dataset.field].value = answer;
    form.submit();
  } catch {
    // The person closed the browser's window, or the device has no such passkey.
    words.hidden = false;
    delete form.dataset.sent;
  }
}

if (window.PublicKeyCredential) {
  for (const form of document.querySelectorAll("form[data-passkey]")) {
    form.hidden = false;
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      answerThenSend(form);
    });
  }
}
