// User.

'use strict';

const { Document, members } = require('../document.js');

/** Who the user is, as the provider says. */
class User extends Document {
  get subject() {
    return members(this).subject;
  }

  get email() {
    return members(this).email;
  }

  get emailVerified() {
    return members(this).email_verified;
  }

  get name() {
    return members(this).name;
  }

  get picture() {
    return members(this).picture;
  }

  get claims() {
    return members(this).claims;
  }
}

module.exports = { User };
