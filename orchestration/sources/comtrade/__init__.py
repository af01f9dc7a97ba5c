"""UN Comtrade: API answers, Comtrade Plus downloads, bulk files, the old download layout and a workbook."""
