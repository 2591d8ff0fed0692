namespace Governance.Primitives;

/// <summary>The levels of territory, widest first. The default value is none of them, so that a forgotten field is not a level.</summary>
public enum TerritoryLevel
{
    /// <summary>The scope of <see cref="TerritoryCode.All"/>; no place has it.</summary>
    Country = 1,
    City,
    District,
    Subdistrict,
    Community,
    Grid,
}

/// <summary>Why a text is not a territory code.</summary>
public enum TerritoryCodeFault
{
    None,
    Empty,
    NotDigits,

    /// <summary>Not 4, 6, 9, 12 or 14 to 16 digits.</summary>
    WrongLength,

    /// <summary>A province (340000) or a leading zero: the widest territory is a city.</summary>
    NotACity,

    /// <summary>Padded with a zero subdistrict or community (340602000000): the short code is the one to give.</summary>
    ZeroSegment,

    /// <summary>The scope of the whole country where only a place is accepted.</summary>
    CountryNotAccepted,
}
