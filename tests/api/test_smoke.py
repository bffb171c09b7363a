from samples import csv_file
def test_a(api): 
    r=api.upload({"a.csv":csv_file()}, rate="100"); print(r)
def test_b(trained_api):
    print(trained_api.get("/models")[0]["labels"])
def test_c(api_on_each_database):
    api_on_each_database.new_project()
