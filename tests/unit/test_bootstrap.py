def test_modules_of_the_extension_are_found_under_its_name():
    from renderjuice import bootstrap

    assert bootstrap.NAME == "renderjuice"
