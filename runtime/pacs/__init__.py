"""Import from a PACS: asking for studies and fetching them, by DICOM's own network protocol or by DICOMweb.

Nothing here runs, and no network library is imported, before a person has entered an address.
"""
