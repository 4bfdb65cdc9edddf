"""Charts as plain SVG: colours by class of the stylesheet, a second sign beside every colour, a title that says it."""
