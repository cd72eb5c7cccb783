"""Small charts drawn on the server: geometry in modules, SVG in ``templates/_charts.html``, a table beside each."""
