// Login.

'use strict';

const { Document, members } = require('../document.js');

/** A login that has begun. */
class Login extends Document {
  get url() {
    return members(this).url;
  }

  get transaction() {
    return members(this).transaction;
  }

  get cookie() {
    return members(this).cookie;
  }

  get staleCookies() {
    return members(this).stale_cookies;
  }
}

module.exports = { Login };
