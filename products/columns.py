"""The columns of officers' tables of products, and the titles each goes by."""

from collections.abc import Mapping
from enum import StrEnum


class Field(StrEnum):
    ORDINAL = "ordinal"
    NAME = "name"
    PRODUCER_NAME = "producer_name"
    PRODUCER_KIND = "producer_kind"
    DISTRICT = "district"
    COMMUNE = "commune"
    GROUP = "group"
    STARS = "stars"
    YEAR = "year"
    ASSESSED_ON = "assessed_on"
    NOTE = "note"
    TAX_CODE = "tax_code"
    ADDRESS = "address"
    PHONE = "phone"
    EMAIL = "email"
    PRODUCT_CODE = "product_code"


# The first title is the one messages use; all are compared by search key.
TITLES: Mapping[Field, tuple[str, ...]] = {
    Field.ORDINAL: ("TT", "STT", "Số TT", "Số thứ tự"),
    Field.NAME: (
        "Tên sản phẩm",
        "Sản phẩm",
        "Tên SP",
        "Tên sản phẩm OCOP",
        "Sản phẩm OCOP",
        "Sản phẩm Tên",
        "Sản phẩm Tên gọi",
        "Tên sản phẩm, dịch vụ",
        "Tên sản phẩm dịch vụ",
        "Tên hàng hóa",
    ),
    Field.PRODUCER_NAME: (
        "Tên chủ thể",
        "Chủ thể",
        "Chủ thể sản xuất",
        "Chủ thể sản phẩm",
        "Chủ thể OCOP",
        "Tên chủ thể sản xuất",
        "Tên chủ thể OCOP",
        "Chủ thể Tên",
        "Chủ thể sản phẩm Tên",
        "Chủ thể sản xuất Tên",
        "Tên cơ sở",
        "Tên đơn vị",
        "Đơn vị sản xuất",
        "Cơ sở sản xuất",
        "Tên cơ sở sản xuất",
        "Nhà sản xuất",
        "Tên doanh nghiệp, HTX, hộ",
    ),
    Field.PRODUCER_KIND: (
        "Loại hình",
        "Loại hình chủ thể",
        "Loại hình tổ chức",
        "Loại hình sản xuất",
        "Loại hình kinh doanh",
        "Loại chủ thể",
        "Hình thức tổ chức",
    ),
    Field.DISTRICT: (
        "Quận/huyện/TX",
        "Huyện",
        "Quận",
        "Quận huyện",
        "Huyện/quận",
        "Quận, huyện, thị xã",
        "Huyện, thị xã",
        "Huyện/TX",
        "Huyện, quận, thị xã",
        "Tên huyện",
        "Huyện/thành phố",
        "Huyện, thị xã, thành phố",
        "Cấp huyện",
    ),
    Field.COMMUNE: (
        "Xã/phường",
        "Xã",
        "Phường",
        "Phường/xã",
        "Xã, phường, thị trấn",
        "Xã/phường/TT",
        "Xã, thị trấn",
        "Xã/TT",
        "Phường, xã, thị trấn",
        "Tên xã",
        "Cấp xã",
    ),
    Field.GROUP: (
        "Nhóm SP",
        "Nhóm sản phẩm",
        "Nhóm",
        "Nhóm ngành",
        "Ngành hàng",
        "Nhóm ngành hàng",
        "Bộ sản phẩm",
        "Loại sản phẩm",
        "Ngành",
        "Nhóm sản phẩm OCOP",
    ),
    Field.STARS: (
        "Hạng sao",
        "Số sao",
        "Sao",
        "Xếp hạng",
        "Phân hạng",
        "Xếp hạng sao",
        "Phân hạng sao",
        "Hạng",
        "Kết quả phân hạng",
        "Kết quả xếp hạng",
        "Kết quả",
        "Đạt sao",
        "Kết quả đánh giá",
        "Hạng sao OCOP",
        "Đạt hạng sao",
    ),
    Field.YEAR: (
        "Năm",
        "Năm đánh giá",
        "Năm công nhận",
        "Năm phân hạng",
        "Năm được công nhận",
        "Năm xếp hạng",
        "Năm đạt",
        "Năm tham gia",
    ),
    Field.ASSESSED_ON: (
        "Ngày đánh giá",
        "Ngày chấm",
        "Ngày họp hội đồng",
        "Ngày HĐ họp",
        "Thời gian đánh giá",
        "Ngày phân hạng",
        "Ngày đánh giá, phân hạng",
    ),
    Field.NOTE: ("Ghi chú", "Chú thích", "Tình trạng", "Trạng thái"),
    Field.TAX_CODE: ("Mã số thuế", "MST", "Mã thuế", "Mã số thuế/Mã số HTX"),
    Field.ADDRESS: (
        "Địa chỉ",
        "Địa chỉ chủ thể",
        "Địa chỉ sản xuất",
        "Địa chỉ cơ sở",
        "Nơi sản xuất",
        "Địa chỉ liên hệ",
        "Chủ thể Địa chỉ",
    ),
    Field.PHONE: (
        "Điện thoại",
        "Số điện thoại",
        "SĐT",
        "ĐT",
        "Điện thoại liên hệ",
        "Số ĐT",
        "Hotline",
    ),
    Field.EMAIL: ("Email", "E-mail", "Thư điện tử", "Hộp thư điện tử", "Địa chỉ email"),
    Field.PRODUCT_CODE: ("Mã sản phẩm", "Mã SP", "Mã số sản phẩm", "Mã OCOP", "Mã hồ sơ"),
}
# As long as the portal keeps them (the tests hold this to the models).
LONGEST: Mapping[Field, int] = {
    Field.NAME: 250,
    Field.PRODUCER_NAME: 250,
    Field.GROUP: 150,
    Field.NOTE: 300,
    Field.ADDRESS: 250,
    Field.PHONE: 30,
    Field.EMAIL: 254,
    Field.PRODUCT_CODE: 40,
}
REQUIRED = (Field.NAME, Field.PRODUCER_NAME)
# A merge over several rows says the value once for all of them, but a name belongs to one row.
ONE_PER_ROW = frozenset({Field.ORDINAL, Field.NAME, Field.PRODUCT_CODE})
# Fields of the product that take a cell's text as it is: adding a column is adding it to `Field`,
# `TITLES`, `LONGEST` and here.
PRODUCT_TEXTS: Mapping[Field, str] = {
    Field.GROUP: "group_as_written",
    Field.PRODUCT_CODE: "code",
}
# The same for the producer; filled only where the record says nothing.
PRODUCER_TEXTS: Mapping[Field, str] = {
    Field.ADDRESS: "address",
    Field.PHONE: "phone",
    Field.EMAIL: "email",
}
