"""Microsoft Graph: printers, shares, jobs and what belongs to them, as JSON over HTTPS (OData 4.01)."""
