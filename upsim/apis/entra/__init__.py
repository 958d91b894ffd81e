"""Microsoft Entra ID as clients see it: discovery, sign-in pages, token endpoints. Rules live in the services."""
