"""Children in which foreign bytes are parsed and decoded."""
