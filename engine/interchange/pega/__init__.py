"""Pega's formats, as pdstools reads them: Interaction History, models and predictors, Decision and Impact Analyzer."""
