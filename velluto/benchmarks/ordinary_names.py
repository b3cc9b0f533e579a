"""Ordinary names, made up by putting together common given and family names. Whom they belong to, nobody can say."""

from __future__ import annotations

import random
from collections.abc import Iterator

_GIVEN = {
    "west": "James Mary John Patricia Robert Jennifer Michael Linda David Elizabeth William Barbara Richard Susan "
    "Joseph Jessica Thomas Sarah Charles Karen Daniel Nancy Matthew Lisa Anthony Betty Mark Margaret "
    "Donald Sandra Steven Ashley Paul Kimberly Andrew Emily Joshua Donna Kenneth Michelle Kevin Carol "
    "Brian Amanda George Melissa Edward Deborah Olivia Noah Emma Liam Charlotte Oliver Amelia Lucas "
    "Sophie Leon Hannah Felix Lena Jonas Greta Moritz Clara Hugo Camille Antoine Chloe Mathieu Manon Luca "
    "Giulia Matteo Chiara Lorenzo Alessia Diego Lucia Pablo Carmen Javier Sofia Miguel Ana Joao Beatriz "
    "Tiago Ines Lars Ingrid Erik Astrid Sven Freja Mikkel Aino Jussi Sanna Piotr Zofia Jakub Agata Petra "
    "Milan Jana Tomas Ilona Gabor Eszter Ioana Radu Elif Emre Zeynep Murat",
    "east": "Olga Sergei Natalia Dmitri Irina Andrei Elena Pavel Svetlana Viktor Oksana Bohdan Yulia Ivan "
    "Kateryna Maksim",
    "arab": "Ahmed Fatima Mohamed Aisha Omar Layla Ali Mariam Hassan Nour Ibrahim Salma Khalid Huda Youssef Rania "
    "Tariq",
    "india": "Rahul Priya Amit Neha Vijay Anjali Sanjay Kavita Arjun Divya Ravi Lakshmi Suresh Meera Imran Ayesha "
    "Deepak",
    "china": "Wei Fang Min Jing Lei Yan Ming Xiuying Jun Li Hui Tao Qiang Xiaoming Jie Yong Guoqiang Mei Zihan Haoran",
    "korea": "Minjun Seoyeon Jihoon Jiwoo Hyunwoo Soyoung Dongmin Eunji Sungho Yuna Jaehyun Mina",
    "japan": "Haruto Yui Hiroshi Sakura Kenji Aiko Takashi Yoko Daiki Misaki Shota Emi Kaori Naoki",
    "africa": "Kwame Amina Chinedu Ngozi Thabo Zanele Oluwaseun Adaeze Mamadou Fatou Kofi Abena Tendai Wanjiru",
    "viet": "Van Thi Minh Huong Duc Lan Tuan Hoa Quang Linh",
}
_FAMILY = {
    "west": "Smith Johnson Williams Brown Jones Garcia Miller Davis Rodriguez Martinez Hernandez Lopez Gonzalez "
    "Wilson Anderson Thomas Taylor Moore Jackson Martin Lee Perez Thompson White Harris Sanchez Clark "
    "Ramirez Lewis Robinson Walker Young Allen King Wright Scott Torres Hill Flores Green Adams Nelson "
    "Baker Hall Rivera Campbell Mitchell Carter Roberts Muller Schmidt Schneider Fischer Weber Meyer "
    "Wagner Becker Schulz Hoffmann Koch Bauer Richter Klein Wolf Neumann Schwarz Zimmermann Dubois Durand "
    "Moreau Laurent Simon Michel Lefebvre Leroy Roux Bertrand Rossi Russo Ferrari Esposito Bianchi Romano "
    "Colombo Ricci Marino Greco Silva Santos Ferreira Pereira Oliveira Costa Rodrigues Hansen Johansen "
    "Olsen Larsen Andersen Pedersen Nilsson Eriksson Lindberg Korhonen Virtanen Nowak Kowalski Wisniewski "
    "Novak Svoboda Dvorak Nagy Kovacs Szabo Popescu Ionescu Yilmaz Kaya Demir Murphy Kelly Sullivan Walsh "
    "Byrne Ryan Evans Davies Hughes Morgan Price Hartley Ashford Fairclough Milner Gardiner Keller "
    "Kessler Thornton Bracewell",
    "east": "Ivanova Smirnov Kuznetsov Popova Sokolov Lebedev Kozlova Novikov Morozov Petrova Volkov Shevchenko "
    "Kovalenko Bondarenko Tkachuk Dubrovsky Zaytsev",
    "arab": "Hassan Ibrahim Mahmoud Saleh Khalil Haddad Mansour Nasser Abdullah Rahman Farouk Aziz Hamdan Qureshi "
    "Karim",
    "india": "Sharma Singh Kumar Patel Gupta Khan Reddy Nair Das Mehta Joshi Iyer Rao Chatterjee Mishra Verma Kapoor",
    "china": "Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin He Guo Ma Luo Liang Song Zheng Xie",
    "korea": "Kim Lee Park Choi Jung Kang Cho Yoon Jang Lim Han Shin Seo Kwon",
    "japan": "Sato Suzuki Takahashi Tanaka Watanabe Ito Yamamoto Nakamura Kobayashi Kato Yoshida Yamada Sasaki "
    "Matsumoto",
    "africa": "Mensah Okafor Adeyemi Nkosi Diallo Traore Mwangi Otieno Banda Moyo Eze Ndlovu Owusu Kamau",
    "viet": "Nguyen Tran Le Pham Hoang Phan Vu Dang Bui Do",
}


def ordinary_names(count: int, *, seed: int = 1) -> Iterator[str]:
    """Yield so many different names, the same ones for the same seed; a fifth have a middle name or an initial."""
    chance = random.Random(seed)
    places = [place for place in _GIVEN for _ in range(len(_GIVEN[place].split()))]
    given = {place: names.split() for place, names in _GIVEN.items()}
    family = {place: names.split() for place, names in _FAMILY.items()}
    seen: set[str] = set()
    while len(seen) < count:
        place = chance.choice(places)
        other = place if chance.random() < 0.85 else chance.choice(places)
        first, last = chance.choice(given[place]), chance.choice(family[other])
        middle = chance.choice(given[place])
        more = chance.random()
        name = (
            f"{first} {middle} {last}"
            if more < 0.12
            else f"{first} {middle[0]}. {last}"
            if more < 0.2
            else f"{first} {last}"
        )
        if name not in seen:
            seen.add(name)
            yield name
