// Questions of the editor to the runtime; see nodes/shared/route.ts.

/**
 * Posts a question to a path of the runtime. Resolves with the answer, or rejects with an Error whose message is for
 * people: what the runtime says, `forbidden` if it does not let this user ask, or `unanswered`.
 */
export async function ask(url, question, { forbidden, unanswered }) {
  const data = JSON.stringify(question);
  let answer;
  try {
    answer = await $.ajax({ url, type: 'POST', contentType: 'application/json', data });
  } catch ({ status, responseJSON }) {
    const reason = status === 401 || status === 403 ? forbidden : unanswered;
    throw new Error(responseJSON?.error ?? reason);
  }
  if (answer.error && answer.code) throw Object.assign(new Error(answer.error), { code: answer.code });
  return answer;
}

/** Shows in an element what becomes of an answer: the text that `describe` makes of it, or the error. */
export async function showAnswer(element, answer, describe) {
  try {
    const text = describe(await answer);
    element.text(`✓ ${text}`);
  } catch ({ message }) {
    element.text(`✗ ${message}`);
  }
}

/** Disables a button while it does what a click on it asks for. */
export function onClick(button, act) {
  button.on('click', async () => {
    button.prop('disabled', true);
    await act();
    button.prop('disabled', false);
  });
}
