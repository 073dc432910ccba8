// Verify a Ringback webhook (Standard Webhooks 1.0) with nothing but Node.js.
//
// verify(secret, headers, body) returns the event, or throws. Use the raw bytes of the request's body, and answer 2xx
// within 15 seconds; do the work afterwards. The same webhook-id may come twice: keep what you have done.

"use strict";

const crypto = require("node:crypto");

const TOLERANCE_SECONDS = 5 * 60;

function verify(secret, headers, body, now = Date.now() / 1000) {
  const given = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
  const id = given["webhook-id"];
  const timestamp = given["webhook-timestamp"];
  if (!id || !(Math.abs(now - Number(timestamp)) <= TOLERANCE_SECONDS)) throw new Error("too old or too new");
  const key = Buffer.from(secret.replace(/^whsec_/, ""), "base64");
  const signed = Buffer.concat([Buffer.from(`${id}.${timestamp}.`), Buffer.from(body)]);
  const expected = crypto.createHmac("sha256", key).update(signed).digest();
  // two while a secret is being changed
  const fits = String(given["webhook-signature"]).split(" ").some((signature) => {
    const [version, value] = signature.split(",");
    const claimed = Buffer.from(value || "", "base64");
    return version === "v1" && claimed.length === expected.length && crypto.timingSafeEqual(claimed, expected);
  });
  if (!fits) throw new Error("no signature matches");
  return JSON.parse(Buffer.from(body).toString());
}

module.exports = { verify };
