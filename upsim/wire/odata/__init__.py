"""OData 4.01 as Microsoft Graph speaks it: text in, values out; no I/O, no clock, no word of printing."""
