"""Where documents' bytes live: files in the data folder, or a bucket; aiobotocore is imported only for that."""
