// Comforts of the pages. Every page can be read, and every form be sent, without this file.
import './htmx.js';
import './live.js';
import './forms.js';
import './drafts.js';
import './files.js';
import './drop.js';
import './asks.js';
import './dialogs.js';
import './rows.js';
import './diagrams.js';
import './palette.js';
import './search.js';
import './session.js';
import './typed.js';
import './wall.js';
import './board.js';
import './keys.js';
