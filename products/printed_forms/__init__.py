"""The printed forms of a dossier: declared once in data/, filled from the records and the answers,
drawn as PDF and as DOCX from the same filled form.

Biểu số 01–04 belong to Quyết định 1048/QĐ-TTg (Phụ lục II mục 3; kept by 148 and 1489), Mẫu số
01–03 to Quyết định 26/2026/QĐ-TTg (Phụ lục III). Which of them a dossier has says the list of
documents of its regulation.
"""
