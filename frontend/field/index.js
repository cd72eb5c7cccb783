// The phone of a field crew. Without this file every page can be read and every form sent, with a connection.
import '../page/forms.js';
import './net.js';
import { keepPages } from './keep.js';
import * as leave from './leave.js';
import { start as startOutbox } from './outbox.js';
import * as photos from './photos.js';
import * as scan from './scan.js';
import * as visit from './visit.js';

leave.start();
scan.start();
photos.start();
await visit.start();
await startOutbox();
await keepPages();
