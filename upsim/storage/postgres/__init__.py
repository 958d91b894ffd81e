"""The engine for shared rigs: any number of nodes on one PostgreSQL. psycopg is imported only when it is used."""
