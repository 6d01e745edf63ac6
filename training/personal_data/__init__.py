"""How the personal-data model is made: word lists and templates in, a labelled corpus, a CRF out.

words/*.txt, templates/*.txt → corpus.py → train.py → functions/domain/personal_data/model/
"""
