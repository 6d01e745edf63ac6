"""KYC screening: a model reads an applicant's documents, code decides what follows from them."""
