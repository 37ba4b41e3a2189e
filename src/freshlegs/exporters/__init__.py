"""What Freshlegs writes for other programs: calendars, FIT files. Values in, bytes out; nothing is opened here."""
