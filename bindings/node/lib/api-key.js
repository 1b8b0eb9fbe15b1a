// ApiKey and IssuedKey.

'use strict';

const { Document, members } = require('./document.js');

const SHOWN = Object.freeze([
  'id',
  'owner',
  'scopes',
  'metadata',
  'createdAt',
  'expiresAt',
  'revokedAt',
  'rotatedAt',
  'lastUsedAt',
  'last4',
]);

/** What is known of an API key. */
class ApiKey extends Document {
  get id() {
    return members(this).id;
  }

  get owner() {
    return members(this).owner;
  }

  get scopes() {
    return members(this).scopes;
  }

  get metadata() {
    return members(this).metadata;
  }

  get createdAt() {
    return members(this).created_at;
  }

  get expiresAt() {
    return members(this).expires_at;
  }

  get revokedAt() {
    return members(this).revoked_at;
  }

  get rotatedAt() {
    return members(this).rotated_at;
  }

  get lastUsedAt() {
    return members(this).last_used_at;
  }

  get last4() {
    return members(this).last4;
  }

  // What console.log shows: nothing that is secret.
  [Symbol.for('nodejs.util.inspect.custom')](depth, options, inspect) {
    const { name } = this.constructor;
    const shown = () => Object.fromEntries(SHOWN.map((member) => [member, this[member]]).filter(([, value]) => value !== undefined));
    return depth < 0 ? `[${name}]` : `${name} ${inspect(shown(), options)}`;
  }
}

/** A key that was just made, with its secret. */
class IssuedKey extends ApiKey {
  get secret() {
    return members(this).secret;
  }
}

module.exports = { ApiKey, IssuedKey };
